import { setTimeout as sleep } from 'node:timers/promises'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { rotateMasterKey } from '#lib/engine/seal/rotate-key-file.ts'
import { resealSecrets } from '#lib/operations/run/reseal-secrets.ts'
import { masterKeyFile, olderKeysDirectory, openKeys } from '../master-keys.ts'
import { confirm } from './ask.ts'
import { print, talk } from './output.ts'
import type { Session } from './session.ts'

/** Workers of this machine see the new file with their next heartbeat. */
const noticeMs = 12_000

/**
 * A new master key on the machine that holds the old one; the secrets of the catalogue follow as soon as every live worker has it.
 * Repeating it makes yet another key; what an earlier one left undone is done by `key rewrap`. Returns the exit code.
 */
export async function rotateHere(session: Session, yes: boolean): Promise<number> {
  if (session.env.LIFEBOAT_KEY !== undefined) {
    throw new LifeboatError(
      'refused',
      'The master key comes from LIFEBOAT_KEY, which this command cannot change.',
      'Nothing was changed. Make 32 random bytes (openssl rand -base64 32), put the old value into LIFEBOAT_OLD_KEYS and the new one into LIFEBOAT_KEY, wherever they are set; restart the workers; then run lifeboat key rewrap.',
    )
  }
  const file = masterKeyFile()
  const before = await openKeys(session.catalog)
  if (before === null) throw new LifeboatError('key_missing', `The master key ${file} cannot be read here.`, 'Rotate on the machine that holds it.')
  await confirm(`Make a new master key? ${before.keyId} is kept and goes on opening what it sealed.`, yes)
  const ids = await rotateMasterKey(file, olderKeysDirectory(), async ({ from, to }) => {
    await appendAudit(session.catalog, auditKey(), {
      ...auditActor(session.actor),
      action: 'key.rotate',
      subjectKind: 'key',
      subjectId: to,
      outcome: 'attempted',
      detail: { from },
    })
  })
  const ring = await openKeys(session.catalog)
  if (ring === null || ring.keyId !== ids.to) throw new LifeboatError('conflict', 'Another process replaced the master key just now.')
  await untilNoticed(session, ids.to)
  const { resealed, waitingFor, unopened } = await resealSecrets(session.catalog, ring, auditActor(session.actor))
  const hosts = [...new Set(waitingFor.map((worker) => worker.host))]
  print({ key: { ...ids, file, older: olderKeysDirectory(), resealed, waitingFor: hosts, unopened } }, () =>
    [
      `The master key is now ${ids.to}. Keep a copy of ${file} elsewhere; ${ids.from} is kept in ${olderKeysDirectory()}.`,
      'Print the recovery sheet again: it names the signing keys, and there is a new one.',
      hosts.length === 0
        ? `${resealed} secrets of the catalogue are sealed to it.`
        : `These machines do not have it yet: ${hosts.join(', ')}. Put the new key there as lifeboat.key and the old one into keys/older. Passwords stay sealed to the old key until then.`,
      'Next: lifeboat key rewrap, so that every backup opens with it.',
    ].join('\n'),
  )
  for (const one of unopened) talk(`warning: the secret of ${one.place} was left as it is: ${one.problem}`)
  return 0
}

async function untilNoticed(session: Session, keyId: string): Promise<void> {
  const until = performance.now() + noticeMs
  for (;;) {
    const lacking = (await listLiveWorkers(session.catalog)).filter((worker) => !worker.key_ids.includes(keyId))
    if (lacking.length === 0 || performance.now() > until) return
    await sleep(1_000)
  }
}
