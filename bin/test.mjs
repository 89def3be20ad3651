// npm test: its own set-up, then everything. `npm test -- pure db` runs only the named stages. Ends with the line `N passed, M failed`.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { bootstrap, root, run, say } from './bootstrap.mjs'
import { ensurePostgresTools } from './postgres-tools.mjs'
import { runBrowserTests } from './test-browser.mjs'
import { failureLines, firstLines, listenForErrors } from './test-failures.mjs'
import { ensureTestPrograms } from './test-programs.mjs'
import { runVitest } from './test-vitest.mjs'

process.chdir(root)
const only = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const began = Date.now()

say('Tests: setting up.')
const node = await bootstrap()
await ensurePostgresTools()
await ensureTestPrograms()
const bin = path.join(root, 'node_modules', '.bin')
const scratch = mkdtempSync(path.join(os.tmpdir(), 'lifeboat-test-'))
mkdirSync(scratch, { recursive: true })
const env = {
  ...process.env,
  PATH: `${bin}:${process.env.PATH ?? ''}`,
  CI: process.env.CI ?? 'true',
  UV_THREADPOOL_SIZE: '4',
  NEXT_TELEMETRY_DISABLED: '1',
  NO_COLOR: '1',
}
delete env.FORCE_COLOR
// what a developer's shell says about their own Lifeboat must not reach the tests
for (const name of Object.keys(env))
  if (/^(LIFEBOAT_|DATABASE_|SUPABASE_|PG[A-Z]+$)/.test(name) && !['LIFEBOAT_NO_APT', 'LIFEBOAT_TEST_FULL'].includes(name)) delete env[name]

const checkBy = async (program, command, args) => {
  const heard = listenForErrors()
  const code = await run(command, args, { env, prefix: program, onLine: heard.onLine })
  if (code === 0) return { passed: 1, failed: 0 }
  return { passed: 0, failed: 1, failures: [{ title: `${program} ended with ${code}`, message: heard.worst() }] }
}
const check =
  (program, ...args) =>
  () =>
    checkBy(program, node, [path.join(bin, program), ...args])
const binary =
  (program, ...args) =>
  () =>
    checkBy(program, path.join(bin, program), args)

const stages = [
  ['format', 'every file is formatted', binary('biome', 'format', '--reporter=summary', '.')],
  ['lint', 'no floating promise, no unused name', binary('oxlint', '--type-aware')],
  // the routes' types are generated; a fresh clone has none
  [
    'types',
    'every file type-checks',
    async () => {
      const made = await check('next', 'typegen')()
      return made.failed > 0 ? made : check('tsc', '--noEmit', '--incremental', 'false', '-p', '.')()
    },
  ],
  ['pure', 'rules of the house and pure logic', () => runVitest({ project: 'pure', node, env, scratch })],
  ['db', 'against real PostgreSQL servers', () => runVitest({ project: 'db', node, env, scratch })],
  ['s3', 'against a real S3 server', () => runVitest({ project: 's3', node, env, scratch })],
  ['e2e', 'the product in a browser, with a real worker', () => runBrowserTests({ node, env, scratch })],
]

const unknown = only.filter((word) => !stages.some(([name]) => name === word))
if (unknown.length > 0) {
  say(`There is no stage "${unknown.join(', ')}". Say: ${stages.map(([name]) => name).join(', ')}.`)
  process.exit(2)
}

const totals = []
for (const [name, title, act] of stages.filter(([name]) => only.length === 0 || only.includes(name))) {
  say(`\n== ${name}: ${title}`)
  const at = Date.now()
  let result
  try {
    result = await act()
  } catch (error) {
    say(`  ${name}: ${error?.stack ?? error}`)
    result = { passed: 0, failed: 1, failures: [{ title: 'the stage broke off', message: firstLines(String(error?.message ?? error)) }] }
  }
  const seconds = Math.round((Date.now() - at) / 1000)
  totals.push({ name, seconds, skipped: 0, failures: [], ...result })
  say(`== ${name}: ${result.passed} passed, ${result.failed} failed${result.skipped ? `, ${result.skipped} skipped` : ''} (${seconds} s)`)
}
rmSync(scratch, { recursive: true, force: true })

const sum = (what) => totals.reduce((total, stage) => total + stage[what], 0)
say(`\nAll in ${Math.round((Date.now() - began) / 1000)} s.`)
for (const line of failureLines(totals.flatMap(({ name, failures }) => failures.map((failure) => ({ stage: name, ...failure }))))) say(line)
for (const stage of totals)
  say(
    `${stage.failed > 0 ? 'FAILED' : 'ok    '}  ${stage.name.padEnd(7)} ${String(stage.passed).padStart(5)} passed ${String(stage.failed).padStart(4)} failed  ${stage.seconds} s`,
  )
process.exitCode = sum('failed') > 0 ? 1 : 0
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`)
