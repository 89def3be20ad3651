import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { sessionSecret } from '#lib/auth/session-secret.ts'
import { openCatalog } from '#lib/catalog/pool.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import { env, useEnv } from '#lib/env.ts'
import { loadEnvFiles } from '#lib/env-files.ts'
import { isFree } from './embedded/ports.ts'
import type { SampleConnection } from './embedded/sample.ts'
import { masterKeyFile, openKeys } from './master-keys.ts'
import { ensureBuilt, nextProgram } from './supervisor/build.ts'
import { type Child, keepAlive } from './supervisor/child.ts'
import { announce, untilAnswering } from './supervisor/announce.ts'
import { type Foundations, layFoundations, secretFile } from './supervisor/foundations.ts'
import { checkUnchecked } from './supervisor/check-unchecked.ts'
import { beTheOnlyOne } from './supervisor/only-one.ts'
import { registerCatalogue } from './register-catalogue.ts'
import { registerLocalStorage, registerOlderDatabase, registerSample } from './supervisor/register.ts'
import { sayAs } from './supervisor/say.ts'

/** `npm start`: everything under one process. Whatever it starts ends with it, also when it is killed. */
const root = path.join(import.meta.dirname, '..')
const say = sayAs('lifeboat')
const dev = process.argv.includes('--dev')

async function main(stop: AbortSignal, ends: (() => Promise<void>)[]): Promise<void> {
  const settings = env()
  const address = { host: settings.HOST, port: settings.PORT }
  const giveUpPlace = beTheOnlyOne(settings.LIFEBOAT_HOME)
  ends.push(async () => giveUpPlace())
  if (address.port !== 0 && !(await isFree(address.port, address.host))) {
    throw new LifeboatError(
      'conflict',
      `Port ${address.port} on ${address.host} is taken by another program.`,
      'Stop that one, or choose another: PORT=3001 npm start',
    )
  }

  const clusters: Foundations['clusters'] = []
  ends.push(async () => {
    for (const { cluster } of clusters.toReversed()) await cluster.stop?.()
  })
  const foundations = await layFoundations(settings, clusters, say)
  stop.throwIfAborted()
  for (const { name, cluster } of clusters)
    void cluster.ended.then(() => stop.aborted || fail(`The embedded Postgres of the ${name} ended by itself.`))

  useEnv({ DATABASE_URL: foundations.appUrl })
  const catalog = openCatalog(foundations.appUrl, { max: 2, applicationName: 'lifeboat supervisor' })
  ends.push(() => catalog.destroy())
  await registerWhatIsKnown(catalog, foundations.sample, foundations.appUrl)
  await checkUnchecked(catalog)

  // known before the worker starts: what it seals for the web, the web must open
  sessionSecret()
  const base = childEnv(foundations.appUrl)
  const worker = keepAlive({ args: ['workers/main.ts'], env: base, cwd: root, say: sayAs('worker') })
  ends.push(() => worker.stop(40_000))
  const web = await startWeb(base, stop)
  ends.push(() => web.stop(8_000))
  await untilAnswering(address, catalog, stop)
  await announce(settings, catalog, say)
}

/** The master key (made on the very first start), the local storage, the sample, and the database of an older set-up. */
async function registerWhatIsKnown(catalog: Kysely<Catalog>, sample: SampleConnection | null, appUrl: string): Promise<void> {
  const settings = env()
  const first = settings.LIFEBOAT_KEY === undefined && !existsSync(masterKeyFile())
  const keys = await openKeys(catalog)
  if (keys === null) {
    say(
      `ERROR: the master key ${masterKeyFile()} cannot be read. Put it back (mode 0400) or set LIFEBOAT_KEY; until then nothing is backed up or restored.`,
    )
    return
  }
  if (first) say(`made the master key ${keys.keyId} in ${masterKeyFile()}; keep a copy of it elsewhere`)
  await registerLocalStorage(catalog, settings.LIFEBOAT_HOME)
  await registerCatalogue(catalog, appUrl, keys.sealing.publicKeyPem)
  if (sample !== null) await registerSample(catalog, sample, keys.sealing.publicKeyPem)
  const { SUPABASE_DB_HOST: host, SUPABASE_DB_USER: user, SUPABASE_DB_NAME: name, SUPABASE_DB_PASSWORD: password } = settings
  if (host && user && name && password) await registerOlderDatabase(catalog, { host, user, name, password }, keys.sealing.publicKeyPem)
}

/** The web never holds an encryption key, nor what else only workers use. */
const notForTheWeb = [
  'LIFEBOAT_KEY',
  'LIFEBOAT_OLD_KEYS',
  'ENCRYPTION_KEY',
  'SUPABASE_ACCESS_TOKEN',
  'SUPABASE_DB_PASSWORD',
  'SLACK_WEBHOOK_URL',
  'SMTP_PASSWORD',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'PGPASSWORD',
] as const

async function startWeb(base: Record<string, string | undefined>, stop: AbortSignal): Promise<Child> {
  const settings = env()
  // empty rather than absent, because Next reads .env by itself and fills in what is absent
  const blank = Object.fromEntries(notForTheWeb.flatMap((name) => [name, `${name}_FILE`]).map((name) => [name, '']))
  const webEnv = { ...base, ...blank, NODE_ENV: dev ? 'development' : 'production' }
  if (!dev) await ensureBuilt(root, base, sayAs('build'), stop)
  stop.throwIfAborted()
  const args = [nextProgram(root), dev ? 'dev' : 'start', '-H', settings.HOST, '-p', String(settings.PORT)]
  return keepAlive({ args, env: webEnv, cwd: root, say: sayAs('web') })
}

/** The supervisor's own environment, with the catalogue's address as a file. */
function childEnv(appUrl: string): Record<string, string | undefined> {
  const { LIFEBOAT_HOME } = env()
  const file = secretFile(LIFEBOAT_HOME, 'catalogue-url', appUrl)
  const { DATABASE_URL: _url, DATABASE_MIGRATE_URL: _owner, DATABASE_MIGRATE_URL_FILE: _ownerFile, ...own } = process.env
  return { ...own, LIFEBOAT_HOME, LIFEBOAT_ROOT: root, DATABASE_URL_FILE: file, UV_THREADPOOL_SIZE: '4', NEXT_TELEMETRY_DISABLED: '1' }
}

let fail = (_why: string): void => undefined

async function supervise(): Promise<void> {
  const stopping = new AbortController()
  const ends: (() => Promise<void>)[] = []
  let code = 0
  const asked = new Promise<void>((resolve) => {
    let count = 0
    const ask = () => {
      count += 1
      if (count === 1) say('stopping; running work is put away cleanly (again to stop at once)')
      if (count > 1) process.exit(130) // the kernel takes the children along
      stopping.abort(new LifeboatError('cancelled', 'stopped'))
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask)
    fail = (why) => {
      say(why)
      code = 1
      ask()
    }
  })
  try {
    await main(stopping.signal, ends)
    await asked
  } catch (error) {
    if (!stopping.signal.aborted) {
      const known = asLifeboatError(error)
      code = 1
      say(`ERROR: ${known.message}`)
      if (known.hint !== '') say(known.hint)
      if (known.code === 'failed' && known.cause instanceof Error && env().LOG_LEVEL === 'debug') say(known.cause.stack ?? '')
    }
  }
  stopping.abort()
  for (const end of ends.toReversed()) await end().catch((error: unknown) => say(`while stopping: ${asLifeboatError(error).message}`))
  await sleep(0)
  say(code === 0 ? 'stopped' : 'stopped, because of the error above')
  process.exit(code)
}

loadEnvFiles(root)
await supervise()
