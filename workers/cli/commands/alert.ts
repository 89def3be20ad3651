import { type Command, Option } from 'commander'
import { listAlerts, readAlert } from '#lib/catalog/views/alerts.ts'
import { readWatch } from '#lib/catalog/views/watch.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { formatCount, formatUtc } from '#lib/domain/units.ts'
import { acknowledgeInput, silenceInput } from '#lib/domain/watch/alert-input.ts'
import { levelTitles } from '#lib/domain/watch/escalation.ts'
import type { AlertDetail, AlertState, AlertView } from '#lib/domain/watch-views.ts'
import { acknowledgeAlert, silenceAlert } from '#lib/operations/alerts.ts'
import { plain, print, table, talk } from '../output.ts'
import { parsed } from '../parsed.ts'
import { type Session, withSession } from '../session.ts'

const states = ['open', 'acknowledged', 'resolved'] as const satisfies readonly AlertState[]

export function addAlert(program: Command): void {
  const alert = program.command('alert').description('what is wrong: list, show, acknowledge, silence')
  alert
    .command('list')
    .description('alerts, newest first; those that are not over unless a state is said')
    .addOption(new Option('--state <state>', 'only these').choices(states))
    .action(async ({ state }: { state?: AlertState }) => {
      await withSession(async (session) => {
        const [alerts, watch] = [await readAll(session, state), await readWatch(session.catalog, session.actor)]
        print({ alerts, watch }, () => listed(alerts))
        if (watch.stale) talk('The checks are not being made: whether anything else is wrong now is not known. lifeboat health-check makes them.')
      })
    })
  alert
    .command('show')
    .description('what it means, what to do, what became of it and who was told')
    .argument('<id>', 'or the beginning of it')
    .action(async (id: string) => {
      await withSession(async (session) => show(await readAlert(session.catalog, session.actor, await find(session, id))))
    })
  alert
    .command('acknowledge')
    .description('take it on: nobody further is called')
    .argument('<id>')
    .requiredOption('--note <text>', 'what is being done about it')
    .action(async (id: string, options: { note: string }) => {
      await withSession(async (session) => {
        const found = await find(session, id)
        await acknowledgeAlert(session.catalog, session.actor, found, parsed(acknowledgeInput, options))
        show(await readAlert(session.catalog, session.actor, found))
      })
    })
  alert
    .command('silence')
    .description('keep it quiet for some minutes; 0 ends that')
    .argument('<id>')
    .requiredOption('--minutes <n>', 'at most a week')
    .option('--reason <text>', 'why nobody needs to hear of it')
    .action(async (id: string, options: { minutes: string; reason?: string }) => {
      await withSession(async (session) => {
        const found = await find(session, id)
        const input = parsed(silenceInput, { minutes: numberOf(options.minutes), reason: options.reason ?? '' })
        await silenceAlert(session.catalog, session.actor, found, input)
        show(await readAlert(session.catalog, session.actor, found))
      })
    })
}

async function readAll(session: Session, state: AlertState | undefined): Promise<AlertView[]> {
  const wanted = state === undefined ? (['open', 'acknowledged'] as const) : ([state] as const)
  return (await Promise.all(wanted.map((one) => readEvery(session, one)))).flat()
}

/** Page by page: in a storm there are more than one page holds, and none of them is left out without a word. */
async function readEvery(session: Session, state: AlertState): Promise<AlertView[]> {
  const rows: AlertView[] = []
  let cursor: string | undefined
  do {
    const page = await listAlerts(session.catalog, session.actor, { state, limit: 200, cursor })
    rows.push(...page.rows)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return rows
}

/** What is no number is refused by the schema. An empty word is none either: as 0 it would end the silence. */
function numberOf(word: string): number {
  return word.trim() === '' ? Number.NaN : Number(word)
}

/** By its id, or the beginning of it. */
async function find(session: Session, id: string): Promise<string> {
  if (/^[0-9a-f-]{36}$/i.test(id)) return id
  const found = (await Promise.all(states.map((state) => readAll(session, state)))).flat().filter((one) => one.id.startsWith(id.toLowerCase()))
  const [only] = found
  if (only === undefined) throw new LifeboatError('not_found', `There is no alert that begins with ${plain(id)}.`, 'lifeboat alert list')
  if (found.length > 1) throw new LifeboatError('usage', `Several alerts begin with ${plain(id)}.`, 'Type more of it.')
  return only.id
}

function listed(alerts: readonly AlertView[]): string {
  if (alerts.length === 0) return 'None.'
  const rows = alerts.map((one) => [one.id.slice(0, 8), one.severity, one.state, formatUtc(one.openedAt), nameOf(one), one.words])
  return table(['ID', 'SEVERITY', 'STATE', 'SINCE', 'WHAT', 'WORDS'], rows)
}

function show(alert: AlertDetail): void {
  print(alert, () =>
    [
      `${alert.severity === 'critical' ? 'Critical' : 'Warning'}: ${plain(nameOf(alert))}`,
      plain(alert.resolution ?? alert.words),
      `${alert.state}, since ${formatUtc(alert.openedAt)}${alert.resolvedAt === null ? '' : `, over at ${formatUtc(alert.resolvedAt)}`}`,
      '',
      alert.means,
      ...alert.steps.map((step, at) => `${at + 1}. ${step.words}${step.command === null ? '' : `\n   ${step.command}`}`),
      '',
      ...(alert.olderEvents > 0 ? [`${formatCount(alert.olderEvents, 'older line')} not shown`] : []),
      ...alert.events.map((event) => `${formatUtc(event.at, true)}  ${event.kind.padEnd(12)}  ${plain(event.name)}: ${plain(event.words)}`),
      ...(alert.nextEscalation === null
        ? []
        : [`Next: ${levelTitles[alert.nextEscalation.level]} (${alert.nextEscalation.names.join(', ')}) at ${formatUtc(alert.nextEscalation.at)}`]),
    ].join('\n'),
  )
}

function nameOf(alert: AlertView): string {
  return alert.subjectName === '' ? alert.title : `${alert.title}, ${alert.subjectName}`
}
