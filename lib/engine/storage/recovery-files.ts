import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { StorageDriver } from './driver.ts'

/** The rescue script's name at the storage's root. A change of what it can read gets a new name; an old one is never replaced by another format's. */
export const rescueScriptKey = 'lifeboat-rescue-v1.mjs'
export const recoveryGuideKey = 'RECOVERY.md'

// built from process.cwd-free parts: the worker may be started from anywhere
const rescueScript = new URL('../../../rescue/lifeboat-rescue.mjs', import.meta.url)
const recoveryGuide = new URL('../../../rescue/RECOVERY.md', import.meta.url)

/** Lower-case hex. Stands on the recovery sheet: a script from a storage is run only when its hash is this one. */
export async function rescueScriptSha256(): Promise<string> {
  return createHash('sha256')
    .update(await readFile(rescueScript))
    .digest('hex')
}

/** Puts the guide and the rescue script at the storage's root, or renews them. Idempotent. */
export async function putRecoveryFiles(driver: StorageDriver, signal: AbortSignal = new AbortController().signal): Promise<void> {
  const guide = (await readFile(recoveryGuide, 'utf8')).replaceAll('{{SCRIPT}}', rescueScriptKey).replaceAll('{{SHA256}}', await rescueScriptSha256())
  await driver.putSmall(rescueScriptKey, await readFile(rescueScript), { signal, overwrite: true })
  await driver.putSmall(recoveryGuideKey, Buffer.from(guide), { signal, overwrite: true })
}
