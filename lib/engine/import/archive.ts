import { LifeboatError } from '#lib/domain/errors.ts'
import { type Confinement, confined } from '../process/confinement.ts'
import { streamTool } from '../process/stream-tool.ts'
import { restoreError } from '../postgres/restore-error.ts'
import { TocReader } from '../postgres/toc-reader.ts'
import { type ToolReport, assertAboveFloor } from '../postgres/tools.ts'

export interface ArchiveHead {
  /** the dumping machine's own clock, read as UTC; null where it is impossible */
  createdAt: Date | null
  dbname: string
  serverVersion: string
  compressed: boolean
}

/** Out of the first bytes of a custom archive (pg_backup_archiver.c, ReadHead). Throws `corrupt` where they are none. */
export function readArchiveHead(bytes: Buffer): ArchiveHead {
  const intSize = bytes[8] ?? 0
  if (intSize !== 4 && intSize !== 8) throw notOne('its integers have an impossible size')
  if (bytes[10] !== 1) throw notOne('it is not in the custom format of pg_dump -Fc')
  const reader = new TocReader(bytes, 11, intSize)
  const compression = (bytes[6] ?? 0) >= 15 ? reader.byte() : reader.int()
  const [second = 0, minute = 0, hour = 0, day = 0, month = 0, year = 0] = Array.from({ length: 6 }, () => reader.int())
  reader.int() // whether daylight saving was on
  const createdAt = new Date(Date.UTC(year + 1900, month, day, hour, minute, second))
  return {
    createdAt: Number.isNaN(createdAt.getTime()) ? null : createdAt,
    dbname: reader.text() ?? '',
    serverVersion: (reader.text() ?? '').split(' ')[0] ?? '',
    compressed: compression !== 0,
  }
}

/**
 * An archive as pg_restore writes it as text. pg_restore runs confined: whoever made the archive must not reach this machine through it.
 * Throws `tools_missing`, `tools_outdated`, and `corrupt` where pg_restore cannot read the archive to its end.
 */
export async function* archiveText(
  source: AsyncIterable<Buffer>,
  options: { tools: readonly ToolReport[]; how: Confinement; signal: AbortSignal },
): AsyncGenerator<Buffer> {
  const tool = archiveTool(options.tools)
  yield* streamTool({
    ...confined(options.how, tool.path, ['--file=-']),
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: '/nonexistent' },
    cwd: '/',
    input: source,
    signal: options.signal,
    failure(result) {
      if (/unsupported version/.test(result.stderrTail)) return restoreError(result)
      const said = /pg_restore: (?:error: )?([^\n]{1,300})/.exec(result.stderrTail)?.[1] ?? `it ended with ${result.code}`
      return new LifeboatError(
        'corrupt',
        `The archive is cut off or damaged: pg_restore says "${said}".`,
        'Nothing was imported. Use another copy of the file.',
      )
    },
  })
}

/** The newest pg_restore, which reads the most archives. Throws `tools_missing`, and `tools_outdated` for one below its floor: no foreign file is touched with it. */
export function archiveTool(tools: readonly ToolReport[]): ToolReport {
  const tool = tools.filter((one) => one.tool === 'pg_restore').sort((a, b) => b.major - a.major)[0]
  if (tool === undefined)
    throw new LifeboatError('tools_missing', 'No pg_restore is installed on this machine.', 'Install the PostgreSQL client tools.')
  assertAboveFloor(tool)
  return tool
}

function notOne(why: string): LifeboatError {
  return new LifeboatError('corrupt', `The archive cannot be read: ${why}.`, 'Nothing was imported. Use another copy of the file.')
}
