import { json } from '#lib/http/answers.ts'

export const dynamic = 'force-dynamic'

/** The process is up; says nothing about the catalogue. */
export function GET(): Response {
  return json({ ok: true }, 200, { 'cache-control': 'no-store' })
}
