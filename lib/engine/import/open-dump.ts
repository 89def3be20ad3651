import type { Confinement } from '../process/confinement.ts'
import type { ToolReport } from '../postgres/tools.ts'
import { archiveText } from './archive.ts'
import type { OldFile } from './old-file.ts'

/** What is in a file of the older scripts as the text of pg_dump, from its beginning. */
export async function* dumpText(
  file: OldFile,
  options: { tools: readonly ToolReport[]; how: Confinement; signal: AbortSignal },
): AsyncGenerator<Buffer> {
  if (file.kind === 'sql') return yield* file.plain()
  // pg_restore stops reading where the archive ends, which may be before the checksum that tells damage
  if (file.gzip || file.cipher !== null) for await (const _ of file.plain()) options.signal.throwIfAborted()
  yield* archiveText(file.plain(), options)
}
