import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type HttpSink, startHttpSink } from '../../test/support/http-sink.ts'
import { guardedRequest, type GuardedRequest } from './guarded-request.ts'

let sink: HttpSink
beforeAll(async () => {
  sink = await startHttpSink()
})
afterAll(() => sink.close())
beforeEach(() => {
  sink.requests.length = 0
  sink.mood = { status: 200 }
})

const ask = (more: Partial<GuardedRequest> = {}) => guardedRequest({ url: sink.url, method: 'POST', body: 'hello', privateAllowed: true, ...more })

test('with consent it connects to the address that was checked, under the name that was asked for', async () => {
  const answer = await ask({ url: `http://sink.example:${sink.port}/a?b=c`, resolve: async () => [{ address: '127.0.0.1', family: 4 }] })
  expect(answer).toMatchObject({ kind: 'answered', status: 200 })
  expect(sink.requests).toMatchObject([{ method: 'POST', path: '/a?b=c', body: 'hello', headers: { host: `sink.example:${sink.port}` } }])
})

test('without consent neither http nor loopback nor a private network is connected to', async () => {
  const refused = (reason: string) => ({ kind: 'failed', permanent: true, reason: expect.stringContaining(reason) })
  expect(await ask({ privateAllowed: false })).toEqual(refused('Only https'))
  for (const host of [
    '127.0.0.1',
    '[::1]',
    '10.1.2.3',
    '192.168.1.1',
    '[fd12::1]',
    '[::ffff:10.0.0.1]',
    '2130706433',
    '0x7f.1',
    '127.1',
    '0177.0.0.1',
  ]) {
    const answer = await ask({ url: `https://${host}:${sink.port}/`, privateAllowed: false })
    expect(answer, host).toEqual(refused(' for this target.'))
  }
  expect(sink.requests).toEqual([])
})

test('link-local addresses and the metadata of a cloud are never connected to, not with consent either', async () => {
  for (const host of ['169.254.169.254', '[fe80::1]', '[fd00:ec2::254]', '0.0.0.0', '[::ffff:169.254.169.254]']) {
    expect(await ask({ url: `http://${host}/latest/meta-data/` }), host).toMatchObject({ kind: 'failed', permanent: true })
  }
})

test('a credential does not go over a public network without https, with consent to http neither', async () => {
  const asked = (address: string) =>
    ask({ url: `http://sink.example:${sink.port}/`, plainStaysPrivate: true, resolve: async () => [{ address, family: 4 }] })
  expect(await asked('93.184.216.34')).toMatchObject({ kind: 'failed', permanent: true, reason: expect.stringContaining('without https') })
  expect(await asked('127.0.0.1')).toMatchObject({ kind: 'answered' })
})

test('a name with one forbidden address among its own is refused, and what it resolves to is asked once', async () => {
  const asked: string[] = []
  const answer = await ask({
    url: `https://two.example:${sink.port}/`,
    privateAllowed: false,
    resolve: async (name) => {
      asked.push(name)
      // a resolver that says something else the second time: FAULTS of rebinding
      return asked.length > 1
        ? [{ address: '93.184.216.34', family: 4 }]
        : [
            { address: '93.184.216.34', family: 4 },
            { address: '127.0.0.1', family: 4 },
          ]
    },
  })
  expect(answer).toMatchObject({ kind: 'failed', permanent: true })
  expect(asked).toEqual(['two.example'])
  expect(sink.requests).toEqual([])
})

test('a redirect is an answer, and is not followed', async () => {
  sink.mood = { status: 302, headers: { location: `${sink.url}/elsewhere` } }
  expect(await ask()).toMatchObject({ kind: 'answered', status: 302 })
  expect(sink.requests).toHaveLength(1)
})

test('a side that hangs, or drips for ever, costs no more than the deadline', async () => {
  for (const mood of ['hang', 'drip'] as const) {
    sink.mood = mood
    expect(await ask({ deadlineMs: 200 })).toEqual({ kind: 'failed', permanent: false, reason: 'No answer came in time.' })
  }
  const never = new Promise<never>(() => {})
  expect(await ask({ url: 'https://slow.example/', deadlineMs: 50, resolve: () => never })).toMatchObject({ reason: 'No answer came in time.' })
})

test('what went wrong is told as a class, never in the words of the other side', async () => {
  sink.mood = 'reset'
  expect(await ask()).toMatchObject({ kind: 'failed', permanent: false, reason: 'The other side closed the connection without an answer.' })
  expect(await ask({ url: 'http://127.0.0.1:1/secret-path' })).toMatchObject({ reason: 'The connection was refused: nothing listens there.' })
  expect(await ask({ url: `https://127.0.0.1:${sink.port}/` })).toMatchObject({
    reason: 'The other side does not speak TLS on this port, or none that is spoken here.',
  })
  expect(await ask({ url: 'not a url' })).toMatchObject({ permanent: true })
  expect(await ask({ url: `http://user:password@127.0.0.1:${sink.port}/` })).toMatchObject({ permanent: true })
  expect(await ask({ url: 'file:///etc/passwd' })).toMatchObject({ permanent: true })
})

test('of a long answer only the beginning is read, and a pause that is asked for is understood', async () => {
  sink.mood = { status: 200, body: 'x'.repeat(5_000_000) }
  const answer = await ask()
  expect(answer.kind === 'answered' && answer.text.length).toBe(512)
  sink.mood = { status: 429, headers: { 'retry-after': '17' } }
  expect(await ask()).toMatchObject({ status: 429, retryAfterSeconds: 17 })
  sink.mood = { status: 503, headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } }
  const dated = await ask()
  expect(dated.kind === 'answered' && dated.retryAfterSeconds).toBeGreaterThan(50)
  sink.mood = { status: 503, headers: { 'retry-after': 'soon' } }
  expect(await ask()).toMatchObject({ retryAfterSeconds: null })
})
