// The whole product under its supervisor in a scratch LIFEBOAT_HOME, and Playwright against it.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { root, run, say } from './bootstrap.mjs'
import { listenForErrors, playwrightFailures } from './test-failures.mjs'

const startSeconds = 480

export async function runBrowserTests({ node, env, scratch }) {
  const home = path.join(scratch, 'home')
  mkdirSync(home, { recursive: true })
  chmodSync(scratch, 0o711) // as root, Postgres's account passes through
  const port = await freePort()
  const productEnv = { ...env, LIFEBOAT_HOME: home, PORT: String(port), HOST: '127.0.0.1' }
  const product = await startProduct({ node, env: productEnv })
  let browser = { passed: 0, failed: 1, failures: [{ title: 'the product did not come up', message: product.lastLine() }] }
  try {
    if (product.address !== null) browser = await runPlaywright({ node, env, home, product, report: path.join(scratch, 'e2e.json') })
  } finally {
    await product.stop()
  }
  if (product.address === null) return browser
  const lives = await checkLives({ node, env: productEnv, home, hasAccount: browser.failures.length === 0 })
  return {
    ...browser,
    passed: browser.passed + lives.passed,
    failed: browser.failed + lives.failures.length,
    failures: [...browser.failures, ...lives.failures],
  }
}

/** Stopping, starting again and being killed: what npm start promises about its processes. */
async function checkLives({ node, env, home, hasAccount }) {
  const result = { passed: 0, failures: [] }
  const note = (title, why) => {
    if (why === null) result.passed += 1
    else result.failures.push({ title, message: why })
    say(`  e2e: ${why === null ? 'ok  ' : 'FAIL'} ${title}${why === null ? '' : `: ${why}`}`)
  }
  const expectNone = async (what) => {
    let left = processesOf(home)
    for (let waited = 0; left.length > 0 && waited < 15_000; waited += 250) {
      await new Promise((resolve) => setTimeout(resolve, 250))
      left = processesOf(home)
    }
    note(what, left.length === 0 ? null : `left: ${left.join(', ')}`)
  }
  await expectNone('SIGTERM ends web, worker and both servers')
  const again = await startProduct({ node, env })
  if (again.address === null) note('a second start', `did not come up: ${again.lastLine()}`)
  else
    note(
      'a second start finds everything as it was',
      hasAccount && again.link !== null ? 'it offers a first sign-in, as if there were no account' : null,
    )
  again.child.kill('SIGKILL')
  await again.ended
  await expectNone('a killed supervisor leaves no process behind')
  return result
}

/** Processes whose command line or environment names the home (Linux). */
function processesOf(home) {
  if (!existsSync('/proc/self/environ')) return []
  const mine = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return mine
    .filter((pid) => ['cmdline', 'environ'].some((what) => readOr(`/proc/${pid}/${what}`).includes(home)))
    .map((pid) => `${pid} ${readOr(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 80)}`)
}

function readOr(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // it ended meanwhile
  }
}

async function runPlaywright({ node, env, home, product, report }) {
  const heard = listenForErrors()
  const code = await run(node, [path.join(root, 'node_modules/@playwright/test/cli.js'), 'test', '--reporter=list,json'], {
    onLine: heard.onLine,
    env: {
      ...env,
      LIFEBOAT_URL: product.address,
      LIFEBOAT_SETUP_URL: product.link ?? '',
      LIFEBOAT_E2E_HOME: home,
      LIFEBOAT_CHROMIUM:
        ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) => existsSync(file)) ?? '/usr/bin/chromium',
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    },
    prefix: 'e2e',
  })
  if (!existsSync(report))
    return { passed: 0, failed: 1, failures: [{ title: `Playwright ended with ${code} and left no report`, message: heard.worst() }] }
  const told = JSON.parse(readFileSync(report, 'utf8'))
  const failures = playwrightFailures(told)
  if (told.stats.expected === 0 && failures.length === 0) failures.push({ title: 'no test passed', message: heard.worst() })
  if (code !== 0 && failures.length === 0) failures.push({ title: `Playwright ended with ${code} although no test failed`, message: heard.worst() })
  return { passed: told.stats.expected, failed: failures.length, failures, skipped: told.stats.skipped }
}

/** Resolves when the console answers and the worker is alive; `address` is null where it never came to that. */
async function startProduct({ node, env }) {
  const child = spawn(node, [path.join(root, 'workers/supervisor.ts')], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  let address = null
  let link = null
  let last = ''
  const up = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        // its talk stands in front of a failure; the worker's and the web's usual lines would hide the tests'
        last = line.replace(/token=\S+/, 'token=…')
        if (address === null || /ERROR|warning/.test(line)) say(`  product: ${last}`)
        address ??= /Lifeboat is up: (\S+)/.exec(line)?.[1] ?? null
        link ??= /First sign-in[^:]*: (\S+)/.exec(line)?.[1] ?? null
        if (/Ctrl-C stops/.test(line)) resolve()
      })
    }
  })
  const late = new Promise((resolve) => setTimeout(resolve, startSeconds * 1000, 'late').unref())
  const how = await Promise.race([up, ended.then(() => 'ended'), late])
  if (how !== undefined) {
    say(`  e2e: the product did not come up (${how})`)
    address = null
  }
  return {
    address,
    link,
    lastLine: () => `${last} (${how})`,
    child,
    ended,
    async stop() {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      const killer = setTimeout(() => child.kill('SIGKILL'), 90_000)
      await ended
      clearTimeout(killer)
    },
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
