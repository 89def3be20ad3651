import type { Command } from 'commander'
import { listMisplaced } from '#lib/catalog/residency.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { placeInput, residenceInput } from '#lib/domain/inputs.ts'
import { misplacedFindings } from '#lib/domain/residency.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { talk } from './output.ts'
import { parsed } from './parsed.ts'
import type { Session } from './session.ts'

export interface PlaceOptions {
  liesIn?: string
  agreement?: string
  offline?: boolean
  online?: boolean
}

/** Where a storage lies, on what that rests, and whether it may be absent. `--region` is the bucket's own. */
export function placeOptions(command: Command): Command {
  return command
    .option('--lies-in <region>', 'where its bytes lie, in your words: compared with the regions that a database allows; none: nobody says')
    .option('--agreement <text>', 'what that rests on: a contract, a clause; none: nothing')
    .option('--offline', 'a directory that may be absent, such as a disk in a drawer: its copies wait until it is back')
    .option('--online', 'it is always there')
}

/** Empty: nothing was said. */
export function placeOf(options: PlaceOptions) {
  if (options.offline && options.online) throw new LifeboatError('usage', 'Is it offline or online?', 'Say one of --offline and --online.')
  const medium = options.offline ? 'offline' : options.online ? 'online' : undefined
  return parsed(placeInput, {
    ...(options.liesIn === undefined ? {} : { region: orNull(options.liesIn) }),
    ...(options.agreement === undefined ? {} : { agreement: orNull(options.agreement) }),
    ...(medium === undefined ? {} : { medium }),
  })
}

export interface ResidenceOptions {
  tag?: string[]
  allowedRegion?: string[]
}

export function residenceOptions(command: Command): Command {
  return command
    .option('--tag <tag...>', 'duties and people know it by these; none: no tag')
    .option('--allowed-region <region...>', 'its copies may lie on storages there only; any: anywhere')
}

export function residenceOf(options: ResidenceOptions) {
  const { tag, allowedRegion } = options
  return parsed(residenceInput, {
    ...(tag === undefined ? {} : { tags: tag.join() === 'none' ? [] : tag }),
    ...(allowedRegion === undefined ? {} : { allowedRegions: allowedRegion.join() === 'any' ? null : allowedRegion }),
  })
}

/** Copies that may not lie where they are any more, told one by one. */
export async function tellMisplaced(session: Session, of: { databaseId?: string; storageId?: string }): Promise<Finding[]> {
  const findings = misplacedFindings(await listMisplaced(session.catalog, of))
  for (const finding of findings) talk(`${finding.severity}: ${finding.message} ${finding.remedy}`)
  return findings
}

function orNull(text: string): string | null {
  return text === 'none' ? null : text
}
