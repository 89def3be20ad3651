import { createHash, createPublicKey } from 'node:crypto'
import { sql } from 'kysely'
import { readRecoveryKey } from '#lib/catalog/views/recovery-key.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { recoveryKeyInput } from '#lib/domain/inputs.ts'
import { json } from '#lib/http/answers.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Whether a recovery key was made and confirmed',
  answers: 'RecoveryKeyView',
  handler: async ({ catalog, actor }) => readRecoveryKey(catalog, actor),
})

export const POST = route({
  permission: 'key.manage',
  summary: 'Take the public half of a recovery key into use; the private half never leaves the browser that made it',
  answers: 'RecoveryKeyView',
  input: recoveryKeyInput,
  confirmed: true,
  handler: async ({ catalog, actor, input }) => {
    const { id, publicPem } = publicKeyOf(input.publicPem)
    await catalog.transaction().execute(async (trx) => {
      const retired = sql<Date>`now()`
      await trx.updateTable('keys').set({ retired_at: retired }).where('purpose', '=', 'recovery').where('retired_at', 'is', null).execute()
      const row = { id, purpose: 'recovery' as const, public_key: publicPem, check_sha256: input.checkSha256 }
      const made = await trx
        .insertInto('keys')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (made.numInsertedOrUpdatedRows !== 1n) throw new LifeboatError('conflict', 'This recovery key was used before.', 'Make a new one.')
      await note(trx, actor, 'key.make_recovery', { kind: 'key', id })
    })
    return json(await readRecoveryKey(catalog, actor), 201)
  },
})

/** The id is the beginning of SHA-256 over the DER form, as everywhere. */
function publicKeyOf(pem: string): { id: string; publicPem: string } {
  const wrong = new LifeboatError('usage', 'That is not a public RSA key of at least 3072 bits.', 'Nothing was saved. Make the key again.')
  let key: ReturnType<typeof createPublicKey>
  try {
    key = createPublicKey(pem)
  } catch {
    throw wrong
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 3072) throw wrong
  const der = key.export({ type: 'spki', format: 'der' })
  return { id: createHash('sha256').update(der).digest('hex').slice(0, 16), publicPem: key.export({ type: 'spki', format: 'pem' }).toString() }
}
