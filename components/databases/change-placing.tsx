'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { say, sayProblem } from '#components/ui/toaster.tsx'
import { changeDatabase } from '#lib/client/mutations.ts'
import type { DatabaseView, StorageView } from '#lib/domain/views.ts'
import { labelProblem, labelsOf } from './labels.ts'
import { PlacingFields } from './placing-fields.tsx'

interface Props {
  database: DatabaseView
  storages: StorageView[]
  onClose: () => void
  onChanged: () => void
}

/** Tags and allowed regions of a database. Mounted while it is open. */
export function ChangePlacing({ database, storages, onClose, onChanged }: Props) {
  const [tags, setTags] = useState(database.tags.join(', '))
  const [regions, setRegions] = useState((database.allowedRegions ?? []).join(', '))
  const next = { tags: labelsOf(tags), allowedRegions: labelsOf(regions).length === 0 ? null : labelsOf(regions) }
  const wrong = { tags: labelProblem(next.tags), regions: labelProblem(next.allowedRegions ?? []) }
  const changed = JSON.stringify(next) !== JSON.stringify({ tags: database.tags, allowedRegions: database.allowedRegions })
  const reason = wrong.tags ?? wrong.regions ?? (changed ? null : 'Nothing was changed yet.')
  const save = useStart(
    (_key) => changeDatabase(database.id, next),
    ({ findings }) => {
      for (const one of findings) sayProblem(one.message, one.remedy)
      say(`The tags and regions of ${database.name} were changed`)
      onChanged()
      onClose()
    },
  )
  return (
    <Dialog isOpen onOpenChange={(open) => !open && onClose()} title={`Change the tags and regions of ${database.name}`}>
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) void save.start()
        }}
      >
        <PlacingFields
          tags={tags}
          regions={regions}
          known={storages.flatMap((one) => (one.region === null ? [] : [one.region]))}
          problems={{ tags: wrong.tags ?? save.problem?.fields?.tags, regions: wrong.regions ?? save.problem?.fields?.allowedRegions }}
          onTags={setTags}
          onRegions={setRegions}
        />
        <Refusal problem={save.problem} />
        <DialogActions>
          <Button onPress={onClose}>Close</Button>
          <Button type="submit" variant="primary" reason={reason} pending={save.pending}>
            Change tags and regions
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  )
}
