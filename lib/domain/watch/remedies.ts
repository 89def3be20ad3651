import type { CheckKind } from './check-kinds.ts'
import { ofDatabases } from './remedies/of-databases.ts'
import { ofLifeboat } from './remedies/of-lifeboat.ts'
import { ofStorages } from './remedies/of-storages.ts'
import type { Remedy, RemedyStep } from './remedies/remedy.ts'

export const remedies: Record<CheckKind, Remedy> = { ...ofDatabases, ...ofStorages, ...ofLifeboat }

const runbookTitles = {
  one_table: 'Get one table back',
  database: 'Get a database back',
  everything: 'Everything is gone',
} satisfies Record<NonNullable<Remedy['runbook']>, string>

/** What an alert means and what to do about this one. */
export interface FilledRemedy {
  means: string
  firstStep: { words: string; href: string | null }
  steps: RemedyStep[]
  runbook: { title: string; href: string } | null
}

export function remedyOf(alert: {
  kind: CheckKind
  database_id: string | null
  storage_id: string | null
  detail: Record<string, unknown>
}): FilledRemedy {
  const { means, steps, runbook } = remedies[alert.kind]
  const places = placesOf(alert)
  const filled = steps.map((one) => ({ words: one.words, href: fill(one.href, places), command: fill(one.command, places) }))
  const [first] = filled
  return {
    means,
    firstStep: { words: first?.words ?? '', href: first?.href ?? null },
    steps: filled,
    runbook: runbook === null ? null : { title: runbookTitles[runbook], href: `/runbooks/${runbook}` },
  }
}

const uuid = /^[0-9a-f-]{36}$/

function placesOf(alert: { database_id: string | null; storage_id: string | null; detail: Record<string, unknown> }): Map<string, string> {
  const known = {
    database: alert.database_id,
    storage: alert.storage_id,
    operation: alert.detail.operationId,
    backup: alert.detail.backupId,
  }
  return new Map(Object.entries(known).flatMap(([name, id]) => (typeof id === 'string' && uuid.test(id) ? [[name, id] as const] : [])))
}

/** null: there is none, or the alert does not know what belongs in it. */
function fill(text: string | null, places: ReadonlyMap<string, string>): string | null {
  if (text === null) return null
  let known = true
  const filled = text.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const place = places.get(name)
    if (place === undefined) known = false
    return place ?? ''
  })
  return known ? filled : null
}
