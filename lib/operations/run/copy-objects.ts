import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import { badSource, type Source } from './copy-sources.ts'
import type { CopyReader } from './pinned.ts'

/** One object as the sealed manifest promises it. */
export interface Promised {
  name: string
  bytes: number
  sha256: string
}

/** What the copying of one backup knows. */
export interface Copying {
  context: RunContext
  path: string
  target: StorageDriver
  /** those found bad are taken off the list for the object in question only: another entry may be good there */
  sources: readonly Source[]
  /** names and sizes of what lies at the target already */
  there: ReadonlyMap<string, number>
  /** of the objects of the new copy, where the target keeps versions */
  versions: Record<string, string>
  findings: Finding[]
  onBytes(bytes: number): void
}

/**
 * Brings one object to the target: what is there and good stays, anything else is replaced, and only by bytes that have the promised hash.
 * Sources are tried in their order. true: it was good already. Throws what the last source's problem was where none has it, and the target's own.
 */
export async function copyObject(copying: Copying, promised: Promised): Promise<boolean> {
  const { context, target, path, there } = copying
  const key = `${path}/${promised.name}`
  const replace = there.has(promised.name)
  if (there.get(promised.name) === promised.bytes && (await isGood(copying, target, promised))) {
    copying.onBytes(promised.bytes)
    return true
  }
  let last: LifeboatError | null = null
  for (const source of copying.sources) {
    const reading: { problem: unknown } = { problem: null }
    const body = Readable.from(checked(copying, source.reader, promised, reading), { objectMode: false, highWaterMark: 1 << 20 })
    try {
      const stored = await target.put(key, body, { signal: context.signal, sizeHint: promised.bytes, replace })
      if (stored.version !== null) copying.versions[promised.name] = stored.version
      return false
    } catch (error) {
      context.signal.throwIfAborted()
      if (reading.problem === null) throw error
      last = asLifeboatError(reading.problem)
      copying.findings.push(await badSource(context, source, last))
    }
  }
  const asked = copying.sources.map((source) => source.storageName).join(', ')
  throw new LifeboatError(
    last?.code ?? 'missing',
    `${promised.name} is whole on no copy that could be read (${asked})${last === null ? '.' : `: ${last.message}`}`,
    'What is good at the target stays. Bring the other storages back, verify the backup to see which of its copies are whole, or take a new one.',
  )
}

/** The source's bytes; ends with an error, so that nothing becomes visible, unless they are exactly the promised ones. */
async function* checked(copying: Copying, reader: CopyReader, promised: Promised, reading: { problem: unknown }): AsyncGenerator<Buffer> {
  const key = `${copying.path}/${promised.name}`
  try {
    const stream = await reader.get(key, { signal: copying.context.signal })
    try {
      const hash = createHash('sha256')
      let bytes = 0
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes > promised.bytes) throw damaged(promised)
        hash.update(chunk)
        copying.onBytes(chunk.length)
        yield chunk
      }
      if (bytes !== promised.bytes || hash.digest('hex') !== promised.sha256) throw damaged(promised)
    } finally {
      stream.destroy()
    }
  } catch (error) {
    reading.problem = error
    throw error
  }
}

function damaged(promised: Promised): LifeboatError {
  return new LifeboatError('corrupt', `${promised.name} is not what the manifest says.`, 'Another copy is used instead.')
}

async function isGood(copying: Copying, target: StorageDriver, promised: Promised): Promise<boolean> {
  const { signal } = copying.context
  let version: string | null = null
  try {
    const stream = await target.get(`${copying.path}/${promised.name}`, { signal, onVersion: (one) => (version = one) })
    const hash = createHash('sha256')
    for await (const chunk of stream as AsyncIterable<Buffer>) hash.update(chunk)
    if (hash.digest('hex') !== promised.sha256) return false
    if (version !== null) copying.versions[promised.name] = version
    return true
  } catch (error) {
    signal.throwIfAborted()
    const { code } = asLifeboatError(error)
    if (code === 'missing' || code === 'corrupt') return false
    throw error
  }
}

/** A small object as it is, byte for byte. false: the source has none of that name. Throws `corrupt` where it has not the hash that it must have. */
export async function copySmall(
  copying: Copying,
  source: Source,
  name: string,
  options: { maxBytes: number; rewritable: boolean; sha256?: string },
): Promise<boolean> {
  const { context, target, path, there } = copying
  const { signal } = context
  const key = `${path}/${name}`
  const bytes = await source.reader.getSmall(key, { signal, maxBytes: options.maxBytes }).catch((error: unknown) => {
    if (error instanceof LifeboatError && error.code === 'missing') return null
    throw error
  })
  if (bytes === null) return false
  const promised = { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
  if (options.sha256 !== undefined && promised.sha256 !== options.sha256) throw damaged(promised)
  if (there.get(name) === bytes.length && (await isGood(copying, target, promised))) return true
  const stored = options.rewritable
    ? await target.putSmall(key, bytes, { signal, overwrite: true })
    : await target.put(key, Readable.from([bytes]), { signal, sizeHint: bytes.length, replace: there.has(name) })
  if (stored.version !== null) copying.versions[name] = stored.version
  return true
}
