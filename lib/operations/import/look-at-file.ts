import { catalogueNow } from '#lib/catalog/clock.ts'
import { readArchiveHead } from '#lib/engine/import/archive.ts'
import { dumpText } from '#lib/engine/import/open-dump.ts'
import type { OldFile } from '#lib/engine/import/old-file.ts'
import { type Survey, surveyDump } from '#lib/engine/import/survey.ts'
import { type TakenAt, takenAt } from '#lib/engine/import/taken-at.ts'
import type { Confinement } from '#lib/engine/process/confinement.ts'
import type { RunContext } from '../run-context.ts'

/** What a file holds, after it was read from its beginning to its end. */
export interface LookedFile {
  survey: Survey
  sha256: string
  takenAt: TakenAt
  /** of the server that was dumped; null where the file does not say */
  serverVersion: string | null
  /** gzip's or the archive's own checksums cover the content */
  checked: boolean
}

/** Carries nothing out and writes nothing. Throws where the file is cut off, damaged, or for several databases. */
export async function lookAtFile(context: RunContext, file: OldFile, how: Confinement): Promise<LookedFile> {
  context.progress({ phase: 'reading the file' })
  const head = file.kind === 'archive' ? readArchiveHead(await firstBytes(file)) : null
  const text = dumpText(file, { tools: context.tools, how, signal: context.signal })
  const survey = await surveyDump(text, (doneBytes) => {
    context.signal.throwIfAborted()
    context.progress({ phase: 'reading the file', doneBytes })
  })
  return {
    survey,
    sha256: await file.sha256(),
    takenAt: takenAt(file, survey.marks.startedAt ?? head?.createdAt ?? null, await catalogueNow(context.catalog)),
    serverVersion: head?.serverVersion ?? survey.marks.serverVersion,
    checked: file.gzip || head?.compressed === true,
  }
}

async function firstBytes(file: OldFile): Promise<Buffer> {
  let head = Buffer.alloc(0)
  for await (const piece of file.plain()) {
    head = Buffer.concat([head, piece])
    if (head.length >= 4096) break
  }
  return head
}
