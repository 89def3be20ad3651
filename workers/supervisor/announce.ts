import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Env } from '#lib/env.ts'
import { firstSignInLink } from './first-sign-in.ts'
import type { Say } from './say.ts'

/** Waits for the console to answer and for a worker to be alive. Throws `unavailable` after two minutes. */
export async function untilAnswering(address: { host: string; port: number }, catalog: Kysely<Catalog>, stop: AbortSignal): Promise<void> {
  const began = Date.now()
  for (let web = false, worker = false; !(web && worker); await sleep(200, undefined, { signal: stop })) {
    web ||= await answers(`http://${urlHost(address.host)}:${address.port}/healthz`)
    worker ||= (await listLiveWorkers(catalog)).length > 0
    if (Date.now() - began < 120_000) continue
    const what = [web ? '' : 'the console does not answer', worker ? '' : 'no worker is alive'].filter((each) => each !== '').join(' and ')
    throw new LifeboatError('unavailable', `After two minutes ${what}.`, 'The lines of "web" and "worker" above say why.')
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(3_000) })).ok
  } catch {
    return false
  }
}

/** 0.0.0.0 and :: are not addresses to go to. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

/** Said again at the end: the warning of the set-up has long scrolled away. */
async function canDump(catalog: Kysely<Catalog>): Promise<boolean> {
  return (await listLiveWorkers(catalog)).some(({ tools }) => tools.some(({ tool, ok }) => tool === 'pg_dump' && ok))
}

export async function announce(env: Env, catalog: Kysely<Catalog>, say: Say): Promise<void> {
  const address = env.LIFEBOAT_URL ?? `http://${urlHost(env.HOST)}:${env.PORT}`
  const link = await firstSignInLink(catalog, address)
  say('')
  say(`Lifeboat is up: ${address}`)
  if (link !== null) say(`First sign-in (works once, for a day): ${link}`)
  if (!(await canDump(catalog))) {
    say('WARNING: there is no pg_dump of a safe version here: backups and restores are refused, `bin/lifeboat doctor` says why.')
    say('         Once the PostgreSQL client tools are installed, the worker finds them within a minute; nothing needs a restart.')
  }
  say('Ctrl-C stops everything cleanly.')
  say('')
}
