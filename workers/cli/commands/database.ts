import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { findDatabaseByName, insertCaCertificate, insertDatabase, removeDatabase } from '#lib/catalog/databases.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { type ParsedConnection, parseConnectionUrl } from '#lib/domain/connection-url.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { applyStandardPlan } from '#lib/operations/schedules.ts'
import { passwordPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { confirm, readSecretFile, secret } from '../ask.ts'
import { findDatabase } from '../find.ts'
import { errorOf, untilFinished } from '../follow.ts'
import { print, printError, size, table, talk } from '../output.ts'
import { type ResidenceOptions, residenceOf, residenceOptions } from '../place-options.ts'
import { sealingKey, type Session, withSession } from '../session.ts'
import { addChangeDatabase } from './change-database.ts'

interface AddOptions extends ResidenceOptions {
  url?: string
  urlFile?: string
  passwordFile?: string
  ca?: string
  force?: boolean
  schedules: boolean
}

export function addDatabase(program: Command): void {
  const database = program.command('database').description('the databases that Lifeboat protects')
  addChangeDatabase(database)
  residenceOptions(database.command('add'))
    .description('register a database, after looking at it')
    .argument('<name>')
    .option('--url <url>', 'postgresql://user@host:5432/dbname; a password in it is seen by other accounts of this machine')
    .option('--url-file <file>', 'a file that holds the URL')
    .option('--password-file <file>', 'a file that holds the password')
    .option('--ca <file>', "the server's CA certificate, PEM")
    .option('--force', 'register it although the check found problems')
    .option('--no-schedules', 'without the standard plan: daily 03:00, weekly Sunday 01:00, monthly on the 1st 02:00, all UTC')
    .action(async (name: string, options: AddOptions) => {
      process.exitCode = await withSession((session) => add(session, name, options))
    })
  database
    .command('list')
    .description('registered databases')
    .action(async () => {
      const databases = await withSession((session) => listDatabases(session.catalog, session.actor))
      print({ databases }, () =>
        table(
          ['NAME', 'SERVER', 'DATABASE', 'REACHABLE', 'SIZE', 'BACKUPS', 'ID'],
          databases.map((one) => [
            one.name,
            `${one.host}:${one.port}`,
            one.dbname,
            one.reachable === null ? 'unknown' : one.reachable ? 'yes' : 'no',
            size(one.sizeBytes),
            String(one.backupCount),
            one.id,
          ]),
        ),
      )
    })
  database
    .command('remove')
    .description('take a database off the list; its backups stay')
    .argument('<name>')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }) => {
      await withSession(async (session) => {
        const found = await findDatabase(session, name)
        await confirm(`Take ${found.name} off the list? Its backups stay.`, options.yes === true)
        await session.catalog.transaction().execute(async (trx) => {
          await removeDatabase(trx, found.id)
          await appendAudit(trx, auditKey(), {
            ...auditActor(session.actor),
            action: 'database.remove',
            subjectKind: 'database',
            subjectId: found.id,
            outcome: 'done',
            detail: { name: found.name },
          })
        })
        print({ database: { id: found.id, name: found.name, removed: true } }, () => `${found.name} is off the list. Its backups stay.`)
      })
    })
}

async function add(session: Session, name: string, options: AddOptions): Promise<number> {
  if ((await findDatabaseByName(session.catalog, name)) !== null)
    throw new LifeboatError('conflict', `There is a database "${name}" already.`, 'Choose another name.')
  const connection = connectionOf(options)
  const residence = residenceOf(options)
  const given = options.passwordFile === undefined ? (connection.password ?? session.env.PGPASSWORD ?? null) : null
  const password = given ?? (await secret(`Password of ${connection.username}`, options.passwordFile))
  const id = randomUUID()
  const passwordSealed = password === null ? null : sealSecret(password, await sealingKey(session), passwordPlace(id))
  const caPem = options.ca === undefined ? null : readFileSync(options.ca, 'utf8')
  const { host, port, dbname, username, sslMode } = connection
  const input = { of: 'new_database' as const, databaseId: id, host, port, dbname, username, passwordSealed, sslMode, caPem }
  const row = await untilFinished(session, (await requestCheck(session.catalog, session.actor, { input, via: 'cli' })).id)
  const error = errorOf(row)
  const check = (row.result as { check?: { ok: boolean; server: Seen | null } } | null)?.check
  const problem = error?.message ?? row.findings.find((one) => one.severity === 'blocker')?.message
  if (problem !== undefined && !options.force) {
    const blocker = row.findings.find((one) => one.severity === 'blocker')
    return printError(
      new LifeboatError(
        error?.code ?? 'refused',
        problem,
        `${blocker?.remedy ?? error?.hint ?? ''} Nothing was registered; --force registers it all the same.`.trim(),
      ),
    )
  }
  await session.catalog.transaction().execute(async (trx) => {
    const caId = caPem === null ? null : await insertCaCertificate(trx, { name, pem: caPem })
    await insertDatabase(trx, {
      id,
      name,
      host,
      port,
      dbname,
      username,
      password_sealed: passwordSealed,
      ssl_mode: sslMode,
      ca_id: caId,
      reachable: check?.server != null,
      checked_at: new Date(),
      problem: problem ?? null,
      ...(residence.tags === undefined ? {} : { tags: residence.tags }),
      ...(residence.allowedRegions === undefined ? {} : { allowed_regions: residence.allowedRegions }),
      ...(check?.server == null ? {} : seen(check.server)),
    })
    await appendAudit(trx, auditKey(), {
      ...auditActor(session.actor),
      action: 'database.add',
      subjectKind: 'database',
      subjectId: id,
      outcome: 'done',
      detail: { name, host, port, dbname },
    })
    if (options.schedules) await applyStandardPlan(trx, session.actor, id)
  })
  for (const finding of row.findings) talk(`${finding.severity}: ${finding.message} ${finding.remedy}`)
  print(
    { database: { id, name, host, port, dbname, reachable: check?.server != null }, findings: row.findings },
    () =>
      `${name} is registered: PostgreSQL ${check?.server?.version ?? '(unreachable)'} at ${host}:${port}. ${
        options.schedules ? 'It is backed up daily, weekly and monthly: lifeboat schedule list.' : 'Nothing backs it up by itself yet.'
      }`,
  )
  return problem === undefined ? 0 : 3
}

/** What the check saw of the server, as it stands in the operation's result. */
interface Seen {
  version: string
  versionNum: number
  tlsVersion: string | null
  systemIdentifier: string | null
  databaseBytes: number | null
}

function seen(server: Seen) {
  return {
    server_version: server.version,
    server_version_num: server.versionNum,
    tls_version: server.tlsVersion,
    system_identifier: server.systemIdentifier,
    size_bytes: server.databaseBytes,
  }
}

function connectionOf(options: AddOptions): ParsedConnection {
  const url = options.urlFile === undefined ? options.url : readSecretFile(options.urlFile)
  if (url === undefined) throw new LifeboatError('usage', 'Where is the database?', '--url postgresql://user@host:5432/dbname, or --url-file FILE')
  const connection = parseConnectionUrl(url)
  if (options.urlFile === undefined && connection.password !== null) {
    talk(
      'warning: the password stood on the command line, where other accounts of this machine can read it. --url-file or --password-file keep it to yourself.',
    )
  }
  return connection
}
