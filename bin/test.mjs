// npm test: its own set-up, then every check and test. Ends with "N passed, M failed", and with 0 only when nothing failed.
import path from 'node:path'
import { bootstrap, goOn, root, say } from './bootstrap.mjs'
import { ensureTestPrograms } from './test-programs.mjs'
import { ensurePostgresTools } from './postgres-tools.mjs'

process.chdir(root)
say('Lifeboat: setting up for the tests.')
const node = await bootstrap()
await ensurePostgresTools()
await ensureTestPrograms()
goOn(node, [path.join(root, 'bin', 'run-tests.mjs'), ...process.argv.slice(2)])
