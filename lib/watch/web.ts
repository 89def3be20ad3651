import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { catalogUrl, openCatalog } from '#lib/catalog/pool.ts'
import { endWeb, forgetSilentWebs, webHeartbeat } from '#lib/catalog/webs.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { env } from '#lib/env.ts'
import { log } from '#lib/log.ts'
import { standIn } from './stand-in.ts'

const heartbeatMs = 10_000
const standInMs = 15_000

/** The web's part of the watch: it says that it lives, and stands in for the workers when none does. Called once per process. */
export function watchFromWeb(webSecret: () => string): void {
  const catalog = openCatalog(catalogUrl(), { applicationName: 'lifeboat web watch', max: 3 })
  const web = { id: randomUUID(), host: hostname(), pid: process.pid }
  let standingIn = false
  const timers = [
    every(heartbeatMs, 'say that it lives', () => webHeartbeat(catalog, web)),
    every(standInMs, 'stand in for the workers', async () => {
      const stands = await standIn(catalog, { webSecret, baseUrl: env().LIFEBOAT_URL ?? null })
      if (stands && !standingIn) log.warn('no worker lives: the web makes the checks that need only the catalogue, and tells people')
      if (!stands && standingIn) log.info('a worker lives again')
      standingIn = stands
    }),
  ]
  void quietly('forget webs of long ago', () => forgetSilentWebs(catalog))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      for (const timer of timers) clearInterval(timer)
      void quietly('sign off', () => endWeb(catalog, web.id))
    })
  }
}

/** At once and then again and again; one that is still at it is not joined by another. */
function every(ms: number, what: string, work: () => Promise<void>): NodeJS.Timeout {
  let busy = false
  const round = async () => {
    if (busy) return
    busy = true
    await quietly(what, work)
    busy = false
  }
  void round()
  const timer = setInterval(() => void round(), ms)
  timer.unref()
  return timer
}

async function quietly(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    log.warn(`the web could not ${what}`, { reason: asLifeboatError(error).message })
  }
}
