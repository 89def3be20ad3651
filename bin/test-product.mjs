// The product for the browser tests: `npm start` without npm, in a LIFEBOAT_HOME of its own and on a free port.
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { root, say } from './bootstrap.mjs'

const patienceMs = 10 * 60_000

/** Resolves when the console answers and has printed the link for the first account; it builds the console where that is not done yet. */
export async function startProduct() {
  const home = mkdtempSync(path.join(os.tmpdir(), 'lifeboat-e2e-'))
  chmodSync(home, 0o711)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = cleanEnv({ LIFEBOAT_HOME: path.join(home, 'home'), PORT: String(port), HOST: '127.0.0.1', LIFEBOAT_DEMO: '1', LOG_LEVEL: 'warn' })
  const child = spawn(process.execPath, [path.join(root, 'workers', 'supervisor.ts')], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })))
  const stop = async () => {
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000)
    const { code } = await ended
    clearTimeout(late)
    rmSync(home, { recursive: true, force: true })
    return code === 0
  }
  try {
    const setupUrl = await setupLink(child, ended)
    return { env: { LIFEBOAT_URL: url, LIFEBOAT_SETUP_URL: setupUrl, LIFEBOAT_E2E_HOME: env.LIFEBOAT_HOME }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function setupLink(child, ended) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the product did not say where to sign in within 10 minutes')), patienceMs)
    void ended.then(({ code }) => {
      clearTimeout(late)
      reject(new Error(`the product ended by itself (${code})`))
    })
    for (const stream of [child.stdout, child.stderr]) {
      let rest = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const link = /https?:\/\/\S+\/setup\?token=\S+/.exec(line)
          if (link === null) say(`  ${line}`)
          else {
            clearTimeout(late)
            resolve(link[0])
          }
        }
      })
    }
  })
}

/** Nothing of the caller's own Lifeboat reaches the product under test. */
function cleanEnv(own) {
  const env = { ...process.env, ...own, LIFEBOAT_ROOT: root, NEXT_TELEMETRY_DISABLED: '1', UV_THREADPOOL_SIZE: '4' }
  for (const name of ['DATABASE_URL', 'DATABASE_MIGRATE_URL', 'LIFEBOAT_KEY', 'LIFEBOAT_KEY_FILE', 'LIFEBOAT_URL', 'LIFEBOAT_SECRET'])
    delete env[name]
  return env
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
