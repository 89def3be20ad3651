import pg from 'pg'

/** One short connection as the test cluster's superuser. */
export async function withAdmin<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url })
  admin.on('error', () => undefined)
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}

/** The same server and login, another database. */
export function onDatabase(url: string, dbname: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(dbname)}`
  return changed.toString()
}
