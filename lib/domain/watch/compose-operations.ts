import type { OperationKind } from '../kinds.ts'
import type { OperationState } from '../states.ts'
import { formatDuration } from '../units.ts'
import type { ChosenTopic, MessageContent } from './message.ts'

export interface FinishedOperation {
  id: string
  kind: OperationKind
  title: string
  state: OperationState
  databaseId: string | null
  databaseName: string | null
  requestedName: string
  startedAt: Date | null
  finishedAt: Date
  error: { message: string; hint: string } | null
  /** what it ended with besides, worst first */
  findings: readonly { severity: string; message: string }[]
}

/** Which topic a finished operation belongs to; null: nobody is told of such. A cancelled backup is somebody's will; a cancelled restore left something. */
export function topicOf(kind: OperationKind, state: OperationState): ChosenTopic | null {
  if (kind === 'backup') {
    if (state === 'succeeded' || state === 'succeeded_with_findings') return 'backup_succeeded'
    return state === 'failed' || state === 'interrupted' ? 'backup_failed' : null
  }
  return restoring.has(kind) ? 'restore' : null
}

const restoring: ReadonlySet<OperationKind> = new Set(['restore', 'clone', 'import', 'undo'])

/** Kinds whose end can be somebody's news. */
export const tellingKinds: readonly OperationKind[] = ['backup', ...restoring]

const endings = {
  queued: { label: 'Waits', tone: 'info' },
  running: { label: 'Runs', tone: 'info' },
  cancelling: { label: 'Is being cancelled', tone: 'info' },
  succeeded: { label: 'Completed', tone: 'good' },
  succeeded_with_findings: { label: 'Completed with findings', tone: 'warning' },
  failed: { label: 'Failed', tone: 'critical' },
  cancelled: { label: 'Cancelled', tone: 'warning' },
  interrupted: { label: 'Interrupted', tone: 'critical' },
} satisfies Record<OperationState, { label: string; tone: MessageContent['tone'] }>

const shownFindings = 5

/** `operations`: not empty, of one topic. */
export function composeOperations(operations: readonly [FinishedOperation, ...FinishedOperation[]]): MessageContent {
  const [first] = operations
  const parts = operations.map((one) => partOf(one))
  const worst = operations.map((one) => endings[one.state].tone).toSorted((a, b) => tones.indexOf(a) - tones.indexOf(b))[0] ?? 'info'
  const several = operations.length > 1
  return {
    title: several ? `${operations.length} operations ended` : `${endings[first.state].label}: ${first.title}`,
    tone: worst,
    lead: several ? '' : leadOf(first),
    parts: several ? parts : parts.map((part) => ({ ...part, heading: 'How it ended' })),
    href: several ? '/operations' : `/operations/${first.id}`,
    at: first.finishedAt.toISOString(),
    data: { operations: operations.map(dataOf) },
  }
}

const tones: MessageContent['tone'][] = ['critical', 'warning', 'good', 'info']

function leadOf(one: FinishedOperation): string {
  if (one.error !== null) return one.error.message
  return one.databaseName === null ? '' : `Of ${one.databaseName}.`
}

function partOf(one: FinishedOperation): MessageContent['parts'][number] {
  const took = one.startedAt === null ? null : `It took ${formatDuration((one.finishedAt.getTime() - one.startedAt.getTime()) / 1_000)}.`
  const lines = [
    ...(one.error === null ? [] : [one.error.message, one.error.hint].filter((line) => line !== '')),
    ...one.findings.slice(0, shownFindings).map((finding) => finding.message),
    ...(one.findings.length > shownFindings ? [`And ${one.findings.length - shownFindings} more findings.`] : []),
    ...(took === null ? [] : [took]),
    `Asked for by ${one.requestedName}.`,
  ]
  return {
    heading: `${endings[one.state].label}: ${one.title}`,
    lines,
    href: `/operations/${one.id}`,
  }
}

function dataOf(one: FinishedOperation): Record<string, unknown> {
  return {
    id: one.id,
    kind: one.kind,
    state: one.state,
    title: one.title,
    databaseId: one.databaseId,
    databaseName: one.databaseName,
    finishedAt: one.finishedAt.toISOString(),
    error: one.error?.message ?? null,
    findings: one.findings.length,
  }
}
