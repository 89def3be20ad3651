import type { Cluster } from '../test/support/cluster.ts'

export interface Dataset {
  name: 'one large table' | 'balanced'
  dbname: string
}

export const datasets: readonly Dataset[] = [
  { name: 'one large table', dbname: 'bench_skewed' },
  { name: 'balanced', dbname: 'bench_balanced' },
]

/** Rows like those of cap_table's transactions: numbers, times, short text that repeats, json. About 205 bytes of COPY text each. */
function fill(table: string, rows: number, seed: number): string {
  return `
CREATE TABLE ${table} (
  id bigint PRIMARY KEY, company_id int NOT NULL, shareholder_id int NOT NULL, kind text NOT NULL, shares numeric(18,4) NOT NULL,
  price numeric(12,4) NOT NULL, booked_at timestamptz NOT NULL, reference uuid NOT NULL, memo text NOT NULL, detail jsonb NOT NULL);
INSERT INTO ${table}
SELECT i, (i * 7919 + ${seed}) % 5000, (i * 104729 + ${seed}) % 60000, (ARRAY['issue','transfer','exercise','cancel'])[1 + i % 4],
  ((i * 48271 + ${seed}) % 2147483647) / 10000.0, ((i * 69621 + ${seed}) % 1000000) / 10000.0,
  timestamptz '2015-01-01 00:00:00+00' + (i % 126144000) * interval '2.5 s', md5((i + ${seed})::text)::uuid,
  'Booked by ' || (ARRAY['counsel','the company','the transfer agent','an administrator'])[1 + (i / 7) % 4] || ', resolution ' || (i * 31 % 99991),
  jsonb_build_object('round', (ARRAY['seed','A','B','C'])[1 + i % 4], 'lot', i % 1000, 'vested', i % 3 = 0)
FROM generate_series(1::bigint, ${rows}) AS i;
CREATE INDEX ON ${table} (company_id, booked_at);
CREATE INDEX ON ${table} (shareholder_id);`
}

const bytesPerRow = 205
/** About 1 MB of COPY text, whatever the size of the rest: the table that is brought back alone. */
export const smallTable = 'one_megabyte'

/** Builds both databases with about `mebibytes` of COPY text each. */
export async function buildDatasets(cluster: Cluster, mebibytes: number): Promise<void> {
  const rows = Math.floor((mebibytes * 1_048_576) / bytesPerRow)
  for (const { dbname } of datasets) await cluster.createDatabase(dbname)
  await cluster.query('bench_skewed', fill('transactions', Math.floor(rows * 0.82), 1))
  await cluster.query('bench_skewed', [1, 2, 3, 4].map((n) => fill(`small_${n}`, Math.floor(rows * 0.045), n)).join('\n'))
  await cluster.query('bench_balanced', Array.from({ length: 12 }, (_, n) => fill(`part_${n + 1}`, Math.floor(rows / 12), n)).join('\n'))
  for (const { dbname } of datasets) await cluster.query(dbname, `${fill(smallTable, Math.floor(1e6 / bytesPerRow), 1)}; ANALYZE`)
}
