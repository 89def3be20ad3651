import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { publicKeyId } from './keys.ts'

const generate = promisify(generateKeyPair)

/** An RSA pair for the recovery sheet, as PEM (SPKI and PKCS #8). The private half is shown once and never stored. */
export async function makeRecoveryKey(): Promise<{ publicPem: string; privatePem: string; keyId: string }> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 3072 })
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return { publicPem, privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), keyId: publicKeyId(publicPem) }
}
