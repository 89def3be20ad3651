import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

// Rules of the repository that no single module's test can hold. Each asserts how many files it saw: a rule that looks at nothing passes.

const root = path.resolve(import.meta.dirname, '..')
const sources = globSync('{app,bin,components,lib,workers,rescue}/**/*.{ts,tsx,mjs}', { cwd: root }).filter((name) => !/\.test\.tsx?$/.test(name))
const textOf = (name: string) => readFileSync(path.join(root, name), 'utf8')
/** Without comments: what they mention is not done. */
const codeOf = (name: string) =>
  textOf(name)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '$1')
const those = (pattern: RegExp) => sources.filter((name) => pattern.test(codeOf(name)))

test('the rules see the sources', () => {
  expect(sources.length).toBeGreaterThan(250)
})

test('no child process is started through a shell: a name in an argument would become a command', () => {
  const starters = those(/child_process/)
  expect(starters).toContain('lib/engine/process/run.ts')
  for (const name of starters) {
    const code = codeOf(name)
    expect([name, /(?<![.\w])exec(Sync)?\s*\(/.test(code)], 'exec runs a shell').toEqual([name, false])
    expect([name, /shell:\s*(true|['"`])/.test(code)]).toEqual([name, false])
    expect([name, /['"`](\/bin\/)?(sh|bash)['"`]/.test(code)]).toEqual([name, false])
  }
})

test('what works on backups starts its programs in one place only, which empties the environment', () => {
  const starters = those(/from 'node:child_process'/).filter((name) => /^lib\//.test(name))
  // sendmail sees no backup, and gets an empty environment as well
  expect(starters.filter((name) => name !== 'lib/notify/sendmail.ts')).toEqual(['lib/engine/process/run.ts'])
  for (const name of starters) expect(codeOf(name)).not.toContain('process.env')
})

test('whoever opens a connection to Postgres listens for its end: without a listener a server that restarts would end our process', () => {
  const openers = those(/new (pg\.)?(Client|Pool)\(/)
  expect(openers.length).toBeGreaterThan(6)
  const listening = /\.on\('error'|surviveBrokenConnections\(/
  expect(openers.filter((name) => !listening.test(codeOf(name)))).toEqual([])
})

test('psql never runs, and pg_restore never without --exit-on-error; row security is never switched on for a dump', () => {
  expect(sources.filter((name) => name.startsWith('lib/') && /['"`/]psql['"`]/.test(codeOf(name)))).toEqual([])
  expect(codeOf('lib/engine/postgres/restore.ts')).toContain("'--exit-on-error'")
  expect(those(/--enable-row-security/)).toEqual([])
})

test('no server action and no socket upgrade, no image or rewrite to a host that somebody else names', () => {
  expect(those(/^\s*['"]use server['"]/m)).toEqual([])
  expect(those(/\bnew WebSocket(Server)?\b|['"]upgrade['"]/)).toEqual([])
  expect(those(/from ['"]next\/image['"]/)).toEqual([])
  const config = codeOf('next.config.js')
  for (const word of ['rewrites', 'remotePatterns', 'domains:', 'serverActions']) expect([word, config.includes(word)]).toEqual([word, false])
})

test('the encryption key never reaches the web: no page, route or request opens a secret or reads the key file', () => {
  const web = sources.filter((name) => /^(app|components|lib\/(auth|http|client))\//.test(name) || /\/request\.ts$/.test(name))
  expect(web.length).toBeGreaterThan(100)
  const opens = /secrets\/open\.ts|seal\/key-file\.ts|\.LIFEBOAT_KEY\b|\bLIFEBOAT_KEY\b[^'"`\n]*\} = env\(/
  expect(web.filter((name) => opens.test(codeOf(name)))).toEqual([])
})

/** Lowest versions without a known hole that matters here. */
const floors: Record<string, string> = {
  next: '16.4.1',
  react: '19.0.1',
  'react-dom': '19.0.1',
  nodemailer: '10.0.5',
  'better-auth': '1.4.0',
  'pg-boss': '12.35.0',
}

test('every dependency is pinned to one version, and none lies below its floor, also where it comes with another', () => {
  const manifest = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>
  const pinned = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }
  expect(Object.keys(pinned).length).toBeGreaterThan(30)
  for (const [name, version] of Object.entries(pinned)) expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+(-[\w.]+)?$/)])
  const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, { version?: string }> }
  let seen = 0
  for (const [place, { version }] of Object.entries(packages)) {
    const floor = floors[place.split('node_modules/').at(-1) ?? '']
    if (floor === undefined || version === undefined) continue
    seen += 1
    expect([place, version, isAtLeast(version, floor)]).toEqual([place, version, true])
  }
  expect(seen).toBeGreaterThanOrEqual(5)
})

test('the set-up installs what the lockfile says and runs no package’s install script', () => {
  const bootstrap = codeOf('bin/bootstrap.mjs')
  expect(bootstrap).toMatch(/\['ci', '--ignore-scripts'/)
  expect(those(/['"`]install['"`], *['"`][^-]|npm (i|install|update) /).filter((name) => name.startsWith('bin/'))).toEqual([])
})

function isAtLeast(version: string, floor: string): boolean {
  const [a, b] = [version, floor].map((one) => one.split('-')[0]?.split('.').map(Number) ?? [])
  for (let at = 0; at < 3; at += 1) if (a?.[at] !== b?.[at]) return (a?.[at] ?? 0) > (b?.[at] ?? 0)
  return true
}

test('every test that docs/faults.md names is there, word for word', () => {
  const rows = textOf('docs/faults.md')
    .split('\n')
    .filter((line) => /^\| \d+ \|/.test(line))
  expect(rows.length).toBeGreaterThan(60)
  for (const row of rows) {
    const proofs = row.split(' | ').at(-1)?.replace(/ \|$/, '').split('<br>') ?? []
    for (const proof of proofs) {
      const [, file = 'package.json', title = ''] = /^`([^`]+)`: (.*?)(?:\. (?:Open|Later): .*)?$/.exec(proof) ?? []
      expect([proof, title !== '' && textOf(file).includes(title)]).toEqual([proof, true])
    }
  }
})
