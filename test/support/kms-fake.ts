import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface KmsFake {
  endpoint: string
  keyArn: string
  /** what it answers from now on: as it should, with this error of KMS, or never */
  mood: 'well' | 'AccessDeniedException' | 'KMSInternalException'
  /** operations that were asked for */
  asked: string[]
  close(): Promise<void>
}

type Context = Record<string, string>
interface Asked {
  KeyId?: string
  Plaintext?: string
  CiphertextBlob?: string
  EncryptionContext?: Context
}

/** Encrypt and Decrypt of AWS KMS over HTTP, with one key, real AES-256-GCM, and the encryption context authenticated. */
export async function startKmsFake(): Promise<KmsFake> {
  const key = randomBytes(32)
  const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
  const aad = (context: Context = {}) => Buffer.from(JSON.stringify(Object.entries(context).sort()))
  const act = (operation: string, asked: Asked): Record<string, string> => {
    if (asked.KeyId !== keyArn) throw new Refusal('NotFoundException')
    if (operation === 'Encrypt') {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad(asked.EncryptionContext))
      const sealed = Buffer.concat([cipher.update(Buffer.from(asked.Plaintext ?? '', 'base64')), cipher.final()])
      return { KeyId: keyArn, CiphertextBlob: Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64') }
    }
    const blob = Buffer.from(asked.CiphertextBlob ?? '', 'base64')
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12), { authTagLength: 16 })
      decipher.setAAD(aad(asked.EncryptionContext)).setAuthTag(blob.subarray(12, 28))
      return { KeyId: keyArn, Plaintext: Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]).toString('base64') }
    } catch {
      throw new Refusal('InvalidCiphertextException')
    }
  }
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
    }
    void text(request).then((body) => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? ''
      fake.asked.push(operation)
      try {
        if (fake.mood !== 'well') throw new Refusal(fake.mood)
        answer(200, act(operation, JSON.parse(body) as Asked))
      } catch (error) {
        const type = error instanceof Refusal ? error.message : 'KMSInternalException'
        answer(type === 'KMSInternalException' ? 500 : 400, { __type: type, message: type })
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const fake: KmsFake = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keyArn,
    mood: 'well',
    asked: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return fake
}

class Refusal extends Error {}
