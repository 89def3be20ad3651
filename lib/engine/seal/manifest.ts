import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Manifest, manifest as manifestSchema } from '#lib/domain/manifest.ts'
import { manifestOrdinal, openEntry, sealEntry } from './entry.ts'

/** On the storage; 100,000 tables come to about 5 MB. */
export const manifestMaximumBytes = 64 << 20
const rawMaximumBytes = 512 << 20
const signaturePrefix = Buffer.from('lifeboat/1 manifest\n')

/**
 * The stored bytes of a manifest: an entry like the others with ordinal 0, whose raw bytes are
 * `ed25519 <base64>\n` and then the JSON document that the signature covers, byte for byte.
 */
export async function sealManifest(options: { manifest: Manifest; backupKey: Buffer; signing: { privateKey: KeyObject } }): Promise<Buffer> {
  const document = Buffer.from(JSON.stringify(manifestSchema.parse(options.manifest)))
  const signature = sign(null, Buffer.concat([signaturePrefix, document]), options.signing.privateKey)
  const raw = Buffer.concat([Buffer.from(`ed25519 ${signature.toString('base64')}\n`), document])
  const { backupKey, manifest } = options
  const { stream, done } = sealEntry({ backupKey, backupId: manifest.backupId, ordinal: manifestOrdinal, source: once(raw) })
  const stored = await buffer(stream)
  await done
  return stored
}

/**
 * Opens, authenticates and checks a manifest. Throws `wrong_key`, or `corrupt` when it is damaged, was not signed by `signingPublicPem`,
 * belongs to another backup, or (detail.reason `moved`) lies elsewhere than where it was written.
 */
export async function openManifest(
  bytes: Buffer,
  options: { backupKey: Buffer; backupId: string; signingPublicPem: string; expectedPath: string },
): Promise<Manifest> {
  const { backupKey, backupId, signingPublicPem, expectedPath } = options
  const parts: Buffer[] = []
  let size = 0
  for await (const part of openEntry({ backupKey, backupId, ordinal: manifestOrdinal, stored: once(bytes), expected: null })) {
    size += part.length
    if (size > rawMaximumBytes) throw corrupt('It is larger than a manifest can be.')
    parts.push(part)
  }
  const raw = Buffer.concat(parts, size)
  const end = raw.indexOf(10)
  const signature = /^ed25519 ([A-Za-z0-9+/=]{88})$/.exec(raw.subarray(0, Math.max(0, end)).toString('latin1'))?.[1]
  const document = raw.subarray(end + 1)
  if (
    signature === undefined ||
    !verify(null, Buffer.concat([signaturePrefix, document]), createPublicKey(signingPublicPem), Buffer.from(signature, 'base64'))
  ) {
    throw corrupt('It is not signed by this installation: whoever wrote it did not hold the signing key.')
  }
  const manifest = parse(document)
  if (manifest.backupId !== backupId) throw corrupt(`It describes backup ${manifest.backupId}.`)
  if (manifest.path !== expectedPath) {
    throw corrupt(`It was written to ${manifest.path} and moved to ${expectedPath}.`, { reason: 'moved', path: manifest.path })
  }
  return manifest
}

/** Of the stored bytes: names one manifest in the next one, and in the catalogue. */
export function manifestSha256(stored: Buffer): string {
  return createHash('sha256').update(stored).digest('hex')
}

function parse(document: Buffer): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(document.toString('utf8')))
  } catch (error) {
    throw new LifeboatError('corrupt', 'The manifest is signed and has a form that this version does not know.', 'Use a newer Lifeboat.', {
      cause: error,
    })
  }
}

function corrupt(message: string, detail: Record<string, unknown> = {}): LifeboatError {
  return new LifeboatError('corrupt', `The manifest is refused. ${message}`, 'Use another copy of this backup.', { detail })
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
