import { catalog } from '#lib/catalog/pool.ts'
import { readReadiness } from '#lib/catalog/views/readiness.ts'
import { json } from '#lib/http/answers.ts'
import { log } from '#lib/log.ts'

export const dynamic = 'force-dynamic'

/** 200 when the catalogue answers; workers and the queue's age stand in the body, without names of machines or secrets. */
export async function GET(): Promise<Response> {
  try {
    return json(await readReadiness(catalog()), 200, { 'cache-control': 'no-store' })
  } catch (error) {
    log.warn('the catalogue does not answer', { reason: error instanceof Error ? error.message : String(error) })
    return json({ catalogue: 'down', workers: [], queueAgeSeconds: null }, 503, { 'cache-control': 'no-store' })
  }
}
