import type { Kysely } from 'kysely'
import { recordChecks } from '#lib/catalog/checks.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { type DatabaseRow, updateDatabase } from '#lib/catalog/databases.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { asLifeboatError, type LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { type DatabaseLook, judgeDatabase } from '#lib/domain/watch/judge-database.ts'
import { asFinding, serverFindings } from '#lib/engine/postgres/preflight.ts'
import { probeDatabase, type ProbeOptions, saysCertificateEnded } from '#lib/engine/postgres/probe.ts'
import type { ServerFacts } from '#lib/engine/postgres/server-facts.ts'
import type { ToolReport } from '#lib/engine/postgres/tools.ts'
import { connectionFor, type Opener } from './connection-for.ts'
import { unaskedCertificate } from './unasked-certificate.ts'

/** What a look at a registered database brought; nothing of it is written down yet. */
export interface DatabaseLooked {
  database: Pick<DatabaseRow, 'id' | 'name'>
  look: DatabaseLook | null
  server: ServerFacts | null
  /** why there is no look */
  error: LifeboatError | null
  findings: Finding[]
}

/** Asks a registered database as a backup would. Never throws for what a person can mend; throws the signal's reason when aborted. */
export async function seeDatabase(
  opener: Opener,
  database: Pick<DatabaseRow, 'id' | 'name'>,
  options: ProbeOptions & { tools: ToolReport[] },
): Promise<DatabaseLooked> {
  try {
    const { connection } = await connectionFor(opener, database.id)
    const { look, server } = await probeDatabase(connection, options)
    return { database, look, server, error: null, findings: serverFindings(server, { tools: options.tools, forKind: 'check' }) }
  } catch (thrown) {
    options.signal.throwIfAborted()
    const error = asLifeboatError(thrown)
    return { database, look: null, server: null, error, findings: [asFinding(error)] }
  }
}

/** Writes down what was seen: the database's row and its checks. Both come from the same look, so they never contradict each other. */
export async function keepDatabase(catalog: Kysely<Catalog>, seen: DatabaseLooked): Promise<CheckResult[]> {
  const { database, look, server, error, findings } = seen
  const now = await catalogueNow(catalog)
  const refusal = {
    code: error?.code ?? 'failed',
    message: error?.message ?? '',
    hint: error?.hint ?? '',
    certificateEnded: saysCertificateEnded(error),
  }
  const results = judgeDatabase(database, look === null ? { refusal } : { look }, now)
  await catalog.transaction().execute(async (trx) => {
    const row = await updateDatabase(trx, database.id, {
      reachable: server !== null,
      checked_at: now,
      problem: findings.find((one) => one.severity === 'blocker')?.message ?? null,
      ...(server === null
        ? {}
        : {
            server_version: server.version,
            server_version_num: server.versionNum,
            tls_version: server.tlsVersion,
            system_identifier: server.systemIdentifier,
            size_bytes: server.databaseBytes,
          }),
    })
    // one that was taken off the list meanwhile has no checks any more
    if (row === null || row.removed_at !== null) return
    const asked = results.some((one) => one.kind === 'certificate')
    await recordChecks(trx, now, [...results, ...(asked ? [] : await unaskedCertificate(trx, 'certificate', database.id, now))])
    if (look !== null && look.certificateEndsAt === null) {
      // without TLS there is no certificate that could end
      await trx.deleteFrom('checks').where('kind', '=', 'certificate').where('subject', '=', database.id).execute()
    }
  })
  return results
}
