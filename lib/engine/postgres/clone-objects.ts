import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { copyOut } from './copy-out.ts'
import { objectHead, packMagic } from './large-objects.ts'
import { PieceReader } from './piece-reader.ts'
import { quoteName } from './quote-name.ts'

export interface LargeObject {
  oid: number
  size: number
  owner: string
  /** null grantee: PUBLIC; null altogether: nothing was ever granted or revoked */
  privileges: { grantee: string | null; privilege: 'SELECT' | 'UPDATE'; grantable: boolean }[] | null
  comment: string | null
  labels: { provider: string; label: string }[]
}

const pieceBytes = 1 << 20
const sizes = `
  SELECT o.oid, pg_catalog.lo_lseek64(o.fd, 0, 2) AS size, pg_catalog.lo_close(o.fd) AS closed
  FROM (SELECT m.oid, pg_catalog.lo_open(m.oid, 262144) AS fd FROM pg_catalog.pg_largeobject_metadata m OFFSET 0) o OFFSET 0`

/** By rising OID. In a transaction: it opens each for a moment. */
export async function readLargeObjects(client: Client): Promise<LargeObject[]> {
  const { rows } = await client.query<Omit<LargeObject, 'oid' | 'size'> & { oid: string; size: string }>(
    `SELECT m.oid::pg_catalog.text AS oid, s.size::pg_catalog.text AS size, pg_catalog.pg_get_userbyid(m.lomowner)::pg_catalog.text AS owner,
       CASE WHEN m.lomacl IS NOT NULL THEN (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object(
           'grantee', CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee) END, 'privilege', a.privilege_type,
           'grantable', a.is_grantable) ORDER BY a.nr), '[]')
         FROM pg_catalog.aclexplode(m.lomacl) WITH ORDINALITY AS a (grantor, grantee, privilege_type, is_grantable, nr)) END AS privileges,
       pg_catalog.obj_description(m.oid, 'pg_largeobject') AS comment,
       (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('provider', l.provider, 'label', l.label) ORDER BY l.provider), '[]')
        FROM pg_catalog.pg_seclabel l WHERE l.objoid = m.oid AND l.classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass) AS labels
     FROM pg_catalog.pg_largeobject_metadata m JOIN (${sizes}) s ON s.oid = m.oid ORDER BY m.oid`,
  )
  return rows.map((row) => ({ ...row, oid: Number(row.oid), size: Number(row.size) }))
}

/**
 * The contents of `objects` as one stream, in the form that loadLargeObjects reads: object by object, by pieces of 1 MiB, in one COPY of the
 * binary format. Throws where one has another size than it had in the list: then they are not of the same moment.
 */
export async function* streamLargeObjects(client: Client, objects: readonly LargeObject[]): AsyncGenerator<Buffer> {
  yield packMagic
  const statement = `COPY (SELECT p.oid, p.at, pg_catalog.lo_get(p.oid, p.at, ${pieceBytes}) FROM (
      SELECT s.oid, g.at FROM (${sizes}) s, LATERAL pg_catalog.generate_series(0, s.size - 1, ${pieceBytes}) AS g(at) ORDER BY 1, 2 OFFSET 0) p
    ) TO STDOUT WITH (FORMAT binary)`
  const reader = new PieceReader(objects.some((one) => one.size > 0) ? copyOut(client, statement) : nothing())
  try {
    if (objects.some((one) => one.size > 0)) {
      const head = await reader.take(19)
      await reader.take(head.readUInt32BE(15))
    }
    for (const { oid, size } of objects) {
      yield headOf(oid, size)
      for (let at = 0; at < size; at += pieceBytes) yield await piece(reader, oid, at, Math.min(pieceBytes, size - at))
    }
    if (objects.some((one) => one.size > 0) && ((await reader.take(2)).readInt16BE() !== -1 || !(await reader.atEnd()))) throw changed()
  } finally {
    await reader.close()
  }
  const end = Buffer.alloc(9)
  end.write('E', 0, 'latin1')
  end.writeBigUInt64BE(BigInt(objects.length), 1)
  yield end
}

/** One tuple: three fields, each with its length in front. */
async function piece(reader: PieceReader, oid: number, at: number, length: number): Promise<Buffer> {
  const fields = (await reader.take(2)).readInt16BE()
  if (fields !== 3) throw changed()
  // int2 fields, then 4 + 4 oid, 4 + 8 offset (generate_series of int8), 4 length of the data
  const head = await reader.take(24)
  if (head.readUInt32BE(4) !== oid || Number(head.readBigInt64BE(12)) !== at || head.readInt32BE(20) !== length) throw changed()
  return await reader.take(length)
}

/** Creates them empty, with the same OIDs; contents come by loadLargeObjects. */
export async function createLargeObjects(client: Client, objects: readonly LargeObject[]): Promise<void> {
  for (let at = 0; at < objects.length; at += 1000) {
    const oids = objects.slice(at, at + 1000).map(({ oid }) => oid)
    await client.query('SELECT pg_catalog.count(pg_catalog.lo_create(o)) FROM pg_catalog.unnest($1::pg_catalog.oid[]) o', [oids])
  }
}

/** Owners, privileges, comments and labels, some hundred objects at a time. `withoutGrants`: comments and labels only. */
export async function describeLargeObjects(client: Client, objects: readonly LargeObject[], withoutGrants: boolean): Promise<void> {
  const statements: string[] = []
  for (const object of objects) statements.push(...describing(client, object, withoutGrants))
  for (let at = 0; at < statements.length; at += 500) await client.query(statements.slice(at, at + 500).join(';'))
}

function describing(client: Client, object: LargeObject, withoutGrants: boolean): string[] {
  const name = `LARGE OBJECT ${object.oid}`
  const grants =
    object.privileges === null
      ? []
      : [
          `REVOKE ALL ON ${name} FROM PUBLIC, ${quoteName(object.owner)}`,
          ...object.privileges.map(
            ({ grantee, privilege, grantable }) =>
              `GRANT ${privilege} ON ${name} TO ${grantee === null ? 'PUBLIC' : quoteName(grantee)}${grantable ? ' WITH GRANT OPTION' : ''}`,
          ),
        ]
  return [
    ...(object.comment === null ? [] : [`COMMENT ON ${name} IS ${client.escapeLiteral(object.comment)}`]),
    ...object.labels.map(({ provider, label }) => `SECURITY LABEL FOR ${quoteName(provider)} ON ${name} IS ${client.escapeLiteral(label)}`),
    // the owner first: what is granted is granted in the owner's name
    ...(withoutGrants ? [] : [`ALTER ${name} OWNER TO ${quoteName(object.owner)}`, ...grants]),
  ]
}

function headOf(oid: number, size: number): Buffer {
  const head = Buffer.allocUnsafe(objectHead)
  head.write('O', 0, 'latin1')
  head.writeUInt32BE(0, 1)
  head.writeUInt32BE(oid, 5)
  head.writeBigUInt64BE(BigInt(size), 9)
  return head
}

async function* nothing(): AsyncGenerator<Buffer> {}

function changed(): LifeboatError {
  return new LifeboatError('failed', 'The large objects are not those of the moment of the clone.', 'Nothing was kept. Try again.')
}
