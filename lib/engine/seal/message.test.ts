import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { buildDecrypt, CommitmentPolicy, RawAesKeyringNode, RawAesWrappingSuiteIdentifier } from '@aws-crypto/client-node'
import { expect, test } from 'vitest'
import { sealEntry } from './entry.ts'
import { headerBytes } from './header.ts'
import { fingerprint, newBackupKey } from './keys.ts'
import { decompressPieces } from './pieces.ts'

const { decrypt } = buildDecrypt(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)

test('what is sealed is a message of the AWS Encryption SDK: the SDK itself opens it', async () => {
  const backupKey = newBackupKey()
  const backupId = randomUUID()
  const raw = Buffer.concat([randomBytes(2_500_000), Buffer.alloc(3_000_000, 'a line\n')])
  const { stream, done } = sealEntry({ backupKey, backupId, ordinal: 7, source: Readable.from([raw]) })
  const stored = await buffer(stream)
  const facts = await done
  const keyring = new RawAesKeyringNode({
    keyNamespace: 'lifeboat',
    keyName: fingerprint(backupKey),
    unencryptedMasterKey: new Uint8Array(backupKey),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  })
  const { plaintext, messageHeader } = await decrypt(keyring, stored.subarray(headerBytes))
  expect({ ...messageHeader.encryptionContext }).toEqual({ format: 'lifeboat/1', backupId, ordinal: '7' })
  expect((await buffer(Readable.from(decompressPieces(Readable.from([plaintext]))))).equals(raw)).toBe(true)
  expect(facts).toMatchObject({ rawBytes: raw.length, storedBytes: stored.length })
})
