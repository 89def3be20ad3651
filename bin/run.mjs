// npm run build | web | worker | migrate | bench, and the CLI: one part by itself, as a production set-up runs them.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { bootstrap, goOn, root, stop } from './bootstrap.mjs'

const parts = {
  build: ['node_modules/next/dist/bin/next', 'build'],
  web: ['node_modules/next/dist/bin/next', 'start'],
  worker: ['workers/main.ts'],
  migrate: ['workers/migrate.ts'],
  bench: ['bench/main.ts'],
  cli: ['workers/cli/main.ts'],
}

const [name = '', ...rest] = process.argv.slice(2)
const part = parts[name]
if (!part) stop(`There is no part "${name}".`, `Say one of: ${Object.keys(parts).join(', ')}.`, 2)
const node = await bootstrap({ quiet: true })
// The CLI works on the files of the directory it was called from; the others belong to the repository.
if (name !== 'cli') process.chdir(root)
if (existsSync(path.join(root, '.env')) && process.loadEnvFile) process.loadEnvFile(path.join(root, '.env'))
if (name === 'web') {
  if (!existsSync(path.join(root, '.next', 'BUILD_ID')))
    stop('The console is not built yet.', 'Run `npm run build` first; npm start does it by itself.')
  rest.unshift('-H', process.env.HOST || '127.0.0.1', '-p', process.env.PORT || '3000')
}
const [program, ...args] = part
const env =
  name === 'web' || name === 'build'
    ? { NODE_ENV: 'production', LIFEBOAT_KEY: '', LIFEBOAT_KEY_FILE: '', LIFEBOAT_OLD_KEYS: '', LIFEBOAT_OLD_KEYS_FILE: '' }
    : name === 'cli'
      ? { LOG_LEVEL: process.env.LOG_LEVEL || 'warn' }
      : {}
goOn(node, [path.join(root, program), ...args, ...rest], { env })
