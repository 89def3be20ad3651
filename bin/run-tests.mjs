// The checks and tests in order, each with its count; under Node 24, called by bin/test.mjs.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root, run, say } from './bootstrap.mjs'
import { startProduct } from './test-product.mjs'

const results = mkdtempSync(path.join(os.tmpdir(), 'lifeboat-tests-'))
const program = (name) => path.join(root, 'node_modules', '.bin', name)
const total = { passed: 0, failed: 0, skipped: 0 }
const bad = []

const began = Date.now()
await gate('format', program('biome'), ['format', '.'])
await gate('lint', program('oxlint'), ['--type-aware', '--quiet'])
await gate('types', program('tsc'), ['-p', '.'])
await vitest('pure')
await vitest('db')
await vitest('s3')
await browser()
rmSync(results, { recursive: true, force: true })

const seconds = Math.round((Date.now() - began) / 1000)
say('')
for (const line of bad) say(`FAILED ${line}`)
say(`Took ${Math.floor(seconds / 60)} min ${seconds % 60} s.`)
await new Promise((resolve) => process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`, resolve))
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0)

async function gate(name, command, args) {
  say(`\n== ${name}`)
  count(name, (await run(command, args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })
}

async function vitest(project) {
  say(`\n== ${project} tests`)
  const file = path.join(results, `${project}.json`)
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const code = await run(program('vitest'), args, { env: { ...process.env, NO_COLOR: '1' } })
  const report = read(file)
  const counted = { passed: report?.numPassedTests ?? 0, failed: report?.numFailedTests ?? 0 }
  // a file that did not load, or an error outside of a test, is no failed test and a failure all the same
  if (code !== 0 && counted.failed === 0) counted.failed = 1
  if (counted.passed + counted.failed === 0) counted.failed = 1
  count(`${project} tests`, counted)
}

/** The product is started as a newcomer would, in a directory of its own, and a browser walks through it. */
async function browser() {
  say('\n== browser tests')
  let product
  try {
    product = await startProduct()
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    return count('browser tests: the product did not start', { passed: 0, failed: 1 })
  }
  try {
    const file = path.join(results, 'browser.json')
    const env = { ...process.env, ...product.env, NO_COLOR: '1', PLAYWRIGHT_JSON_OUTPUT_FILE: file }
    const code = await run(program('playwright'), ['test', '--reporter=list,json'], { env })
    const stats = read(file)?.stats
    const counted = { passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0), failed: stats?.unexpected ?? 0 }
    if (code !== 0 && counted.failed === 0) counted.failed = 1
    if (counted.passed + counted.failed === 0) counted.failed = 1
    return count('browser tests', counted)
  } finally {
    const ended = await product.stop()
    count('npm start ends cleanly', ended ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })
  }
}

function count(name, { passed, failed }) {
  total.passed += passed
  total.failed += failed
  if (failed > 0) bad.push(`${name}: ${failed}`)
  say(`-- ${name}: ${passed} passed, ${failed} failed`)
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
