import pg from 'pg'
import { type Cluster, urlFor } from './cluster.ts'
import { ownSecret } from './own-secret.ts'

/** The embedded catalogue's two logins: the owner migrates, the application's may not alter the catalogue. docs/decisions/003. */
export interface CatalogueUrls {
  appUrl: string
  ownerUrl: string
}

export function catalogueUrls(home: string, cluster: Cluster): CatalogueUrls {
  return {
    appUrl: urlFor(cluster.port, 'lifeboat_web', ownSecret(home, 'postgres-catalogue-web'))('lifeboat'),
    ownerUrl: urlFor(cluster.port, 'lifeboat_owner', ownSecret(home, 'postgres-catalogue-owner'))('lifeboat'),
  }
}

/** Roles and database of the embedded catalogue; finds them made on every start but the first. */
export async function prepareCatalogue(home: string, cluster: Cluster): Promise<CatalogueUrls> {
  const admin = new pg.Client({ connectionString: cluster.superuserUrl('postgres') })
  admin.on('error', () => undefined)
  await admin.connect()
  try {
    await makeRole(admin, 'lifeboat_app', null)
    await makeRole(admin, 'lifeboat_owner', ownSecret(home, 'postgres-catalogue-owner'))
    await makeRole(admin, 'lifeboat_web', ownSecret(home, 'postgres-catalogue-web'))
    await admin.query('GRANT lifeboat_app TO lifeboat_owner, lifeboat_web')
    const found = await admin.query(`SELECT FROM pg_catalog.pg_database WHERE datname = 'lifeboat'`)
    if (found.rowCount === 0) await admin.query('CREATE DATABASE lifeboat OWNER lifeboat_owner')
    await admin.query('REVOKE ALL ON DATABASE lifeboat FROM PUBLIC')
    await admin.query('GRANT CONNECT, TEMPORARY ON DATABASE lifeboat TO lifeboat_app')
  } finally {
    await admin.end()
  }
  return catalogueUrls(home, cluster)
}

/** The password is set on every start: the file in keys/ is what counts. */
export async function makeRole(admin: pg.Client, name: string, password: string | null, attributes = ''): Promise<void> {
  const role = admin.escapeIdentifier(name)
  const found = await admin.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [name])
  if (found.rowCount === 0) await admin.query(`CREATE ROLE ${role}`)
  await admin.query(`ALTER ROLE ${role} ${password === null ? 'NOLOGIN' : `LOGIN PASSWORD ${admin.escapeLiteral(password)}`} ${attributes}`)
}
