// npm run dev: as npm start, with the console recompiled on every change.
import path from 'node:path'
import { bootstrap, goOn, root } from './bootstrap.mjs'
import { ensurePostgresTools } from './postgres-tools.mjs'

process.chdir(root)
const node = await bootstrap()
await ensurePostgresTools()
goOn(node, [path.join(root, 'workers', 'supervisor.ts'), '--dev'])
