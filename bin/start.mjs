// npm start: everything from a fresh clone to an answering console and a living worker.
import path from 'node:path'
import { bootstrap, goOn, root, say } from './bootstrap.mjs'
import { ensurePostgresTools } from './postgres-tools.mjs'

process.chdir(root)
say('Lifeboat: setting up.')
const node = await bootstrap()
await ensurePostgresTools()
goOn(node, [path.join(root, 'workers', 'supervisor.ts'), ...process.argv.slice(2)])
