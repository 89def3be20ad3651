import { migrateCatalog } from '#lib/catalog/migrate.ts'
import { catalogUrl } from '#lib/catalog/pool.ts'
import { env } from '#lib/env.ts'
import { loadEnvFiles } from '#lib/env-files.ts'
import { ensureQueue } from '#lib/queue/boss.ts'

// npm run migrate: brings the catalogue and the queue's tables to this version; the only verb that connects as the owner.
loadEnvFiles(process.env.LIFEBOAT_ROOT ?? process.cwd())
const appUrl = catalogUrl()
const ownerUrl = env().DATABASE_MIGRATE_URL ?? appUrl
const ran = await migrateCatalog(ownerUrl, { appUrl })
await ensureQueue(ownerUrl)
process.stderr.write(ran.length === 0 ? 'The catalogue is current.\n' : `Migrated: ${ran.join(', ')}.\n`)
