import type { Confinement } from '../process/confinement.ts'
import type { ToolReport } from '../postgres/tools.ts'
import { archiveText } from './archive.ts'
import type { OldFile } from './old-file.ts'

/** What is in a file of the older scripts as the text of pg_dump, from its beginning. `onEnd` gives the SHA-256 of the file where all of it was read. */
export function dumpText(
  file: OldFile,
  options: { tools: readonly ToolReport[]; how: Confinement; signal: AbortSignal; onEnd?: (sha256: string) => void },
): AsyncIterable<Buffer> {
  return file.kind === 'archive' ? archiveText(file.plain(options.onEnd), options) : file.plain(options.onEnd)
}
