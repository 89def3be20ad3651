'use client'

import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import type { Finding, RowComparison } from '#lib/domain/plan.ts'
import { formatCount } from '#lib/domain/units.ts'
import { actOf } from './acts.ts'
import type { Rows, WizardAddress } from './wizard-address.ts'

export interface Deciding {
  address: WizardAddress
  /** runs the dry run again with another answer */
  decide: (change: Partial<WizardAddress>) => Promise<void>
  deciding: boolean
  /** why this person may not decide; null: may */
  denied: string | null
}

/** Controls for the findings that a person can decide about. */
export function Decision({ finding, address, decide, deciding, denied }: Deciding & { finding: Finding }) {
  if (finding.code === 'roles_missing')
    return <MissingRoles finding={finding} address={address} decide={decide} deciding={deciding} denied={denied} />
  if (finding.code === 'dependents' && finding.severity === 'blocker' && actOf(address) === 'in_place') {
    return (
      <div className="mt-2">
        <Button size="small" reason={denied} pending={deciding} onPress={() => void decide({ dependents: true })}>
          Drop them and make them again
        </Button>
      </div>
    )
  }
  if (finding.severity === 'blocker' && finding.overridable && !address.force) {
    return (
      <div className="mt-2">
        <Button size="small" reason={denied} pending={deciding} onPress={() => void decide({ force: true })}>
          Override this and run the dry run again
        </Button>
      </div>
    )
  }
  return null
}

/** Role by role another one, or all of them made, or nothing of theirs restored: never silently. */
function MissingRoles({ finding, address, decide, deciding, denied }: Deciding & { finding: Finding }) {
  // one that was to take another's place and is missing itself: another is chosen for the same role of the backup
  const missing = rolesIn(finding.message).flatMap((role) => {
    const replaced = Object.keys(address.map).filter((from) => address.map[from] === role)
    return replaced.length > 0 ? replaced : [role]
  })
  const [map, setMap] = useState<Record<string, string>>(address.map)
  const mapped = Object.fromEntries(Object.entries(map).filter(([, to]) => to.trim() !== ''))
  const changed = JSON.stringify(mapped) !== JSON.stringify(address.map)
  const mappable = actOf(address) !== 'clone' && missing.length > 0
  return (
    <div className="mt-2 flex flex-col gap-3">
      <div className="flex flex-wrap gap-2">
        <Button size="small" reason={denied} pending={deciding} onPress={() => void decide({ roles: 'create' })}>
          Create the roles, without a password
        </Button>
        <Button size="small" reason={denied} pending={deciding} onPress={() => void decide({ roles: 'drop_grants' })}>
          Leave out what belongs to them
        </Button>
      </div>
      {mappable && (
        <details>
          <summary className="min-h-6 cursor-pointer font-[550] text-accent">Put other roles in their place</summary>
          <div className="mt-2 grid max-w-xl gap-3 sm:grid-cols-2">
            {missing.map((role) => (
              <TextField
                key={role}
                label={`Instead of ${role}`}
                value={map[role] ?? ''}
                onChange={(to) => setMap({ ...map, [role]: to })}
                mono
                optional
                maxLength={63}
              />
            ))}
          </div>
          <div className="mt-3">
            <Button
              size="small"
              reason={denied ?? (changed ? null : 'Name a role of the target first.')}
              pending={deciding}
              onPress={() => void decide({ map: mapped })}
            >
              Use these roles and run the dry run again
            </Button>
          </div>
        </details>
      )}
    </div>
  )
}

/** The findings name roles in typographic quotes; lib/operations/restore/findings.ts writes them so. */
export function rolesIn(message: string): string[] {
  return [...message.matchAll(/“([^”]+)”/g)].map((match) => match[1] ?? '')
}

/** Which rows go into the live table, once both sides were compared. */
export function RowsDecision({ rows, address, decide, deciding, denied }: Deciding & { rows: RowComparison }) {
  const [chosen, setChosen] = useState<Rows>(address.rows)
  const { onlyBackup, onlyLive, different } = rows
  const keyless = rows.key.length === 0 ? 'The table has no primary key: single rows cannot be told apart.' : null
  const options: { value: Rows; title: string; detail: string; reason?: string | null }[] = [
    {
      value: 'all',
      title: 'All rows',
      detail: `The table becomes as it was. ${onlyLive === 0 ? 'No row is lost.' : `${formatCount(onlyLive, 'row')} that only the live table has ${onlyLive === 1 ? 'is' : 'are'} lost.`}`,
    },
    {
      value: 'missing',
      title: 'Only the missing rows',
      detail: `${formatCount(onlyBackup, 'row')} come back; no live row is touched.`,
      reason: keyless,
    },
    {
      value: 'changed',
      title: 'Only the changed rows',
      detail: `${formatCount(different, 'row')} become as they were; what was added since stays.`,
      reason: keyless,
    },
    {
      value: 'missing_and_changed',
      title: 'The missing and the changed rows',
      detail: `${formatCount(onlyBackup + different, 'row')}; what was added since stays.`,
      reason: keyless,
    },
  ]
  return (
    <div className="mt-4 rounded-[10px] border border-line bg-panel p-4 sm:px-[18px]">
      <RadioCards label="Which rows should come back?" value={chosen} onChange={setChosen} options={options} columns={2} />
      <div className="mt-3">
        <Button
          size="small"
          reason={denied ?? (chosen === address.rows ? 'This plan is made for that choice already.' : null)}
          pending={deciding}
          onPress={() => void decide({ rows: chosen })}
        >
          Plan for this choice
        </Button>
      </div>
    </div>
  )
}
