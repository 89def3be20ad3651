import { execFile } from 'node:child_process'
import { createServer as createHttp } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openByKms } from '#lib/engine/seal/kms.ts'
import { certificateOf } from '#lib/engine/storage/certificate.ts'

/** what names resolve to here; the first address is a server of this test */
const names: Record<string, string[]> = {
  'storage.example': ['127.0.0.1'],
  'metadata.example': ['127.0.0.1', '169.254.169.254'],
  'azure.example': ['127.0.0.1', '168.63.129.16'],
}

vi.mock('node:dns', async (original) => {
  const lookup = (name: string, _options: unknown, done: (error: Error | null, addresses?: unknown) => void) => {
    const found = names[name]
    if (found === undefined) done(new Error(`${name} is not a name of this test`))
    else
      done(
        null,
        found.map((address) => ({ address, family: 4 })),
      )
  }
  return { ...(await original<typeof import('node:dns')>()), lookup }
})

let dir: string
let secure: Server
let plain: Server
let contacted = 0
const count = () => {
  contacted += 1
}
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'lifeboat-ways-out-'))
  const [key, cert] = [path.join(dir, 'key'), path.join(dir, 'cert')]
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=storage.example', '-keyout', key, '-out', cert]
  await promisify(execFile)('openssl', made)
  secure = createTls({ key: await readFile(key), cert: await readFile(cert) }, (socket) => socket.on('error', () => {})).on('connection', count)
  plain = createHttp((_request, response) => response.writeHead(500).end()).on('connection', count)
  await Promise.all([secure, plain].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))))
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await Promise.all([secure, plain].map((server) => new Promise((resolve) => server?.close(resolve))))
  await rm(dir, { recursive: true })
})

const portOf = (server: Server) => (server.address() as AddressInfo).port
const never = new AbortController().signal

async function contactsOf(work: () => Promise<unknown>): Promise<number> {
  const before = contacted
  await work()
  return contacted - before
}

test('the certificate of a storage is asked for where the storage itself may be asked, and nowhere else', async () => {
  const ends = await certificateOf(`https://storage.example:${portOf(secure)}`, never)
  expect(((ends?.getTime() ?? 0) - Date.now()) / 86_400_000).toBeCloseTo(30, 0)
  const refused = ['metadata.example', 'azure.example', '169.254.169.254', '0xa9fea9fe', '[::ffff:169.254.169.254]']
  for (const host of refused) {
    const contacts = await contactsOf(async () => expect(await certificateOf(`https://${host}:${portOf(secure)}`, never), host).toBeNull())
    expect(contacts, host).toBe(0)
  }
})

test('AWS KMS is asked at an address that was looked at', async () => {
  const backupId = 'b'
  const wrapped = { by: 'kms' as const, keyId: 'k', keyArn: 'arn', signer: 's', sealed: 'AAAA' }
  const open = (endpoint: string) => openByKms({ keyId: 'k', keyArn: 'arn', region: 'eu-central-1', endpoint }, wrapped, { backupId, signal: never })
  const at = (host: string) => `http://${host}:${portOf(plain)}`
  const reached = await contactsOf(() => expect(open(at('storage.example'))).rejects.toMatchObject({ code: 'unavailable' }))
  expect(reached).toBeGreaterThan(0)
  for (const host of ['metadata.example', 'azure.example', '169.254.169.254', '100.100.100.200', '[fd20:ce::254]']) {
    expect(await contactsOf(() => expect(open(at(host)), host).rejects.toMatchObject({ code: 'refused' })), host).toBe(0)
  }
})
