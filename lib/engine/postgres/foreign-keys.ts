import type { Client } from 'pg'

export interface KeyTable {
  oid: number
  schema: string
  table: string
  /** pg_class.relkind: r or p */
  kind: string
}
/** A foreign key as it was made: one of a partitioned table stands for those of its partitions. */
export interface ForeignKey {
  oid: number
  name: string
  /** that refers */
  from: KeyTable
  /** that is referred to */
  to: KeyTable
  /** by pairs */
  columns: string[]
  toColumns: string[]
  /** pg_get_constraintdef, with names in full */
  definition: string
  comment: string | null
  validated: boolean
  /** refers to our table, or to a partitioned table of which it is a part */
  incoming: boolean
  /** our table, or a partitioned table of which it is a part, refers */
  outgoing: boolean
  /** its triggers are not all in the state that a new key's have */
  switchedOff: boolean
  /** this role may take it off and make it again */
  ours: boolean
  /** equal keys have equal text */
  exact: boolean
  /** the types of toColumns, as in a cast */
  types: string[]
}

/** Types whose equal values are written equally; numeric with a scale and enums beside them. */
const exactTypes = `'int2','int4','int8','oid','uuid','date','timestamp','timestamptz','time','bool','bytea','name','text','varchar','bpchar','char'`

/** Every foreign key from or to the table, also through a partitioned table of which it is a part, and from itself to itself. */
export async function readForeignKeys(client: Client, oid: number): Promise<ForeignKey[]> {
  const { rows } = await client.query<{ key: ForeignKey }>(
    `WITH RECURSIVE touching AS (
       SELECT oid, conparentid, conrelid = $1 AS outgoing, confrelid = $1 AS incoming FROM pg_catalog.pg_constraint
       WHERE contype = 'f' AND (conrelid = $1 OR confrelid = $1)
     ), up AS (
       SELECT * FROM touching
       UNION SELECT p.oid, p.conparentid, u.outgoing, u.incoming FROM up u JOIN pg_catalog.pg_constraint p ON p.oid = u.conparentid
     ), top AS (
       SELECT oid, pg_catalog.bool_or(outgoing) AS outgoing, pg_catalog.bool_or(incoming) AS incoming FROM up WHERE conparentid = 0 GROUP BY oid
     )
     SELECT pg_catalog.json_build_object(
       'oid', k.oid::pg_catalog.int8, 'name', k.conname, 'definition', pg_catalog.pg_get_constraintdef(k.oid),
       'comment', pg_catalog.obj_description(k.oid, 'pg_constraint'), 'validated', k.convalidated, 'incoming', t.incoming, 'outgoing', t.outgoing,
       'from', pg_catalog.json_build_object('oid', r.oid::pg_catalog.int8, 'schema', rn.nspname, 'table', r.relname, 'kind', r.relkind),
       'to', pg_catalog.json_build_object('oid', o.oid::pg_catalog.int8, 'schema', o_n.nspname, 'table', o.relname, 'kind', o.relkind),
       'columns', (SELECT pg_catalog.json_agg(a.attname ORDER BY c.place) FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY c(number, place)
                   JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.number),
       'toColumns', (SELECT pg_catalog.json_agg(a.attname ORDER BY c.place) FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY c(number, place)
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.number),
       'types', (SELECT pg_catalog.json_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY c.place)
                 FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY c(number, place)
                 JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.number),
       'exact', (SELECT pg_catalog.bool_and(
                          (COALESCE(l.collisdeterministic, true) AND b.typnamespace = 'pg_catalog'::pg_catalog.regnamespace AND b.typname IN (${exactTypes}))
                          OR b.typtype = 'e' OR (b.typname = 'numeric' AND a.atttypmod >= 0))
                 FROM pg_catalog.unnest(k.confkey) AS c(number)
                 JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.number
                 JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
                 JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN y.typtype = 'd' THEN y.typbasetype ELSE y.oid END
                 LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation),
       'switchedOff', EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled <> 'O'),
       'ours', pg_catalog.pg_has_role(r.relowner, 'USAGE')) AS key
     FROM top t JOIN pg_catalog.pg_constraint k ON k.oid = t.oid
       JOIN pg_catalog.pg_class r ON r.oid = k.conrelid JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
       JOIN pg_catalog.pg_class o ON o.oid = k.confrelid JOIN pg_catalog.pg_namespace o_n ON o_n.oid = o.relnamespace
     ORDER BY rn.nspname, r.relname, k.conname`,
    [oid],
  )
  return rows.map((row) => row.key)
}
