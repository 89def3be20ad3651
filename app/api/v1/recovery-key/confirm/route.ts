import { confirmKey, currentKey } from '#lib/catalog/keys.ts'
import { readRecoveryKey } from '#lib/catalog/views/recovery-key.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { recoveryKeyConfirmInput } from '#lib/domain/inputs.ts'
import { countAttempt } from '#lib/auth/rate-limit.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'
import { requestRewrap } from '#lib/operations/rewrap/request.ts'

const windowSeconds = 15 * 60
const mostTries = 20

export const POST = route({
  permission: 'key.manage',
  summary: 'Show that the recovery sheet is saved, by typing its check code',
  answers: 'RecoveryKeyView',
  input: recoveryKeyConfirmInput,
  handler: async ({ catalog, actor, input }) => {
    const key = await currentKey(catalog, 'recovery')
    if (key === null) throw new LifeboatError('refused', 'There is no recovery key yet.', 'Make one first.')
    if ((await countAttempt(catalog, `confirm key ${key.id}`, windowSeconds)) > mostTries) {
      throw new LifeboatError('too_many_requests', 'Too many attempts.', 'Wait a quarter of an hour, then try again.')
    }
    if (key.check_sha256?.slice(0, 8) !== input.code) {
      const hint = 'The key stays unconfirmed. Compare with the sheet; if it is lost, make a new key: nothing is lost by that.'
      throw new LifeboatError('usage', 'The code is not the one on the recovery sheet.', hint)
    }
    await catalog.transaction().execute(async (trx) => {
      await confirmKey(trx, key.id)
      await note(trx, actor, 'key.confirm_recovery', { kind: 'key', id: key.id })
    })
    // what older backups lack of it is added beside their keys; whatever is out of reach follows by the daily round
    await requestRewrap(catalog, actor, { whereNeeded: true, via: 'web' })
    return readRecoveryKey(catalog, actor)
  },
})
