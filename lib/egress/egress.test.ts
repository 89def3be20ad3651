import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClient } from '#lib/engine/postgres/connection.ts'
import { openS3Storage } from '#lib/engine/storage/s3.ts'
import { checkedAddresses } from './checked-addresses.ts'
import { assertLiteralAllowed, checkedLookup } from './checked-lookup.ts'

let server: Server
let contacted = 0
beforeAll(async () => {
  server = createServer((socket) => {
    contacted += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const refused = expect.objectContaining({ code: 'refused' })
const forbidden = [
  '169.254.169.254',
  'fe80::1',
  '::ffff:169.254.169.254',
  'fd00:ec2::254',
  'fd20:ce::254',
  '168.63.129.16',
  '100.100.100.200',
  '0xa9fea9fe',
  '2852039166',
  '0.0.0.0',
]

test('neither a database nor a storage is looked for where a cloud keeps its metadata, however the address is written', async () => {
  const database = { port: 5432, dbname: 'd', username: 'u', password: null, sslMode: 'verify-full' as const, caPem: null, applicationName: 'test' }
  const bucket = { region: 'eu', bucket: 'b', prefix: '', pathStyle: true, checksumWhenRequired: false }
  for (const host of forbidden) {
    expect(() => assertLiteralAllowed(host), host).toThrow(refused)
    await expect(openClient({ ...database, host }), host).rejects.toMatchObject({ code: expect.stringMatching(/refused|usage/) })
  }
  expect(() => openS3Storage({ config: { ...bucket, endpoint: 'http://169.254.169.254/' }, credentials: null, storageId: null })).toThrow(refused)
  for (const host of ['10.0.0.8', '127.0.0.1', 'db.example.com', 'fd12::1']) expect(() => assertLiteralAllowed(host), host).not.toThrow()
})

test('what a name resolves to is looked at, and is what is connected to: an answer that changes leads nowhere', async () => {
  const answers = [[{ address: '93.184.216.34', family: 4 }], [{ address: '169.254.169.254', family: 4 }]]
  const rebinding = async () => answers.shift() ?? []
  expect(await checkedAddresses('rebinds.example', false, rebinding)).toEqual({ ok: true, addresses: [{ address: '93.184.216.34', family: 4 }] })
  expect(await checkedAddresses('rebinds.example', true, rebinding)).toMatchObject({ ok: false, permanent: true })
})

test('a lookup for a connection answers as Node’s own does, one address or all', async () => {
  const asked = (all: boolean) =>
    new Promise((resolve, reject) => checkedLookup('localhost', { all }, (error, ...rest) => (error === null ? resolve(rest) : reject(error))))
  expect(await asked(true)).toEqual([expect.arrayContaining([expect.objectContaining({ address: expect.stringMatching(/^127\.|^::1$/) })])])
  expect(await asked(false)).toEqual([expect.stringMatching(/^127\.|^::1$/), expect.any(Number)])
  const { port } = server.address() as AddressInfo
  const at = {
    host: 'localhost',
    port,
    dbname: 'd',
    username: 'u',
    password: null,
    sslMode: 'disable' as const,
    caPem: null,
    applicationName: 'test',
  }
  await expect(openClient(at, { retryForMs: 0 })).rejects.toMatchObject({ code: 'unreachable' })
  expect(contacted).toBe(1)
})
