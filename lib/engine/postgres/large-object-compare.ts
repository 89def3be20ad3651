import { createHash } from 'node:crypto'
import { type Connection, openClient } from './connection.ts'
import { packedObjects } from './large-object-load.ts'

const batchPieces = 500
const batchBytes = 8 << 20

/**
 * Holds each packed large object against the one of the same OID in the database, by the SHA-256 of its pieces, which the server computes.
 * For a database that holds others as well, which a hash over all of them would count in. Returns the OIDs that are absent or differ.
 */
export async function differingObjects(conn: Connection, source: AsyncIterable<Buffer>, signal: AbortSignal): Promise<number[]> {
  const client = await openClient(conn, { signal, statementTimeoutMs: 600_000 })
  const differing = new Set<number>()
  let batch: { oid: number; offset: number; bytes: number; last: boolean; hash: string }[] = []
  let bytes = 0
  const flush = async () => {
    if (batch.length === 0) return
    const { rows } = await client.query<{ oid: string; hash: string | null; more: boolean | null }>(
      `SELECT o::pg_catalog.text AS oid, CASE WHEN m.oid IS NOT NULL THEN pg_catalog.encode(pg_catalog.sha256(pg_catalog.lo_get(o, f, l)), 'hex') END AS hash,
              CASE WHEN m.oid IS NOT NULL AND e THEN pg_catalog.length(pg_catalog.lo_get(o, f + l, 1)) > 0 END AS more
       FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int8[]), pg_catalog.unnest($3::pg_catalog.int4[]),
                       pg_catalog.unnest($4::pg_catalog.bool[])) WITH ORDINALITY AS t(o, f, l, e, nr)
       LEFT JOIN pg_catalog.pg_largeobject_metadata m ON m.oid = o ORDER BY nr`,
      [batch.map((one) => one.oid), batch.map((one) => one.offset), batch.map((one) => one.bytes), batch.map((one) => one.last)],
    )
    for (const [index, { oid, hash }] of batch.entries()) if (rows[index]?.hash !== hash || rows[index]?.more === true) differing.add(oid)
    batch = []
    bytes = 0
  }
  try {
    for await (const { oid, offset, length, piece } of packedObjects(source)) {
      const hash = createHash('sha256').update(piece).digest('hex')
      batch.push({ oid, offset, bytes: piece.length, last: offset + piece.length === length, hash })
      bytes += piece.length
      if (batch.length >= batchPieces || bytes >= batchBytes) await flush()
    }
    await flush()
  } finally {
    await client.end()
  }
  return [...differing]
}
