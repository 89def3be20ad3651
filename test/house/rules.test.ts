import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { operationKinds } from '#lib/domain/kinds.ts'
import { version } from '#lib/domain/version.ts'
import { versionFloors } from '#lib/engine/postgres/tools.ts'
import { definitions } from '#lib/operations/definitions.ts'
import { missingPlatforms } from '../../bin/complete-lockfile.mjs'
import { floors } from '../../bin/postgres-tools.mjs'
import { isTest, read, repositoryFiles, root, sourceFiles } from './modules.ts'

const code = () => sourceFiles().filter((file) => !isTest(file) && file !== 'lib/domain/version.ts')

test('the environment is read in lib/env.ts; entry points may say where the project lies', () => {
  const allowed =
    /^(lib\/env\.ts|instrumentation\.ts|bin\/.*|next\.config\.js|playwright\.config\.ts|vitest\.config\.ts|rescue\/.*|bench\/.*|workers\/(main|migrate|supervisor)\.ts|workers\/cli\/main\.ts)$/
  expect(code().filter((file) => !allowed.test(file) && /process\.env\b/.test(read(file)))).toEqual([])
})

test('there are no server actions: they are a door of their own, with faults of their own', () => {
  expect(sourceFiles().filter((file) => /^\s*['"]use server['"]/m.test(read(file)))).toEqual([])
})

test('no page reads a clock of its own while it is drawn: the server’s first paint and the browser’s would differ', () => {
  // the provider itself, and a sheet that is made after a press
  const allowed = /^components\/(ui\/now|settings\/recovery-sheet)\.tsx$/
  const found = code().filter((file) => file.startsWith('components/') && !allowed.test(file) && /\bDate\.now\(\)|\bnew Date\(\)/.test(read(file)))
  expect(found).toEqual([])
})

test('no child process goes through a shell', () => {
  const shell = /\bshell:\s*true\b|\bexec\(|\bexecSync\(|import\s*\{[^}]*\bexec(Sync)?\b[^}]*\}\s*from\s*['"](node:)?child_process['"]/
  const found = code().filter((file) => /child_process/.test(read(file)) && shell.test(read(file).replaceAll(/\.exec\(/g, '.match(')))
  expect(found).toEqual([])
})

test('psql never sees the content of a backup: it is started by the bench alone', () => {
  expect(code().filter((file) => !/^bench\//.test(file) && /['"`][^'"`\s]*\bpsql['"`]/.test(read(file)))).toEqual([])
})

test('a file has one job: nearly all stay under 150 lines, every one under 300', () => {
  const lengths = sourceFiles().map((file) => ({ file, lines: read(file).split('\n').length }))
  expect(
    lengths.filter((one) => one.lines > 300 && !isTest(one.file) && !one.file.startsWith('rescue/')).map((one) => `${one.file}: ${one.lines}`),
  ).toEqual([])
  const short = lengths.filter((one) => one.lines <= 150).length / lengths.length
  expect(short).toBeGreaterThan(0.85)
})

test('nothing is called utils, helpers or manager, and there are no barrels', () => {
  expect(sourceFiles().filter((file) => /(^|\/)(utils?|helpers?|managers?|misc|common)(\/|\.tsx?$)/i.test(file))).toEqual([])
  expect(sourceFiles().filter((file) => /^(lib|components|workers)\/.*\/index\.tsx?$/.test(file))).toEqual([])
})

test('every kind of operation has a definition, a request, a run, a route, a command and a line of documentation', () => {
  const routes = repositoryFiles().filter((file) => /^app\/api\/.*\/route\.ts$/.test(file))
  const commands = sourceFiles().filter((file) => file.startsWith('workers/cli/'))
  const page = read('docs/operations.md')
  for (const kind of operationKinds) {
    expect(definitions[kind].kind).toBe(kind)
    for (const name of ['definition.ts', 'request.ts', 'run.ts'])
      expect(existsSync(path.join(root, 'lib/operations', kind, name)), `lib/operations/${kind}/${name}`).toBe(true)
    const request = `operations/${kind}/request.ts`
    expect(routes.filter((file) => read(file).includes(request)).length, `a route for ${kind}`).toBeGreaterThan(0)
    expect(commands.filter((file) => read(file).includes(request)).length, `a command for ${kind}`).toBeGreaterThan(0)
    expect(page).toContain(`| ${kind} |`)
  }
})

test('packages below the version that mended a known hole are not installed', () => {
  const least: Record<string, [number, number, number]> = {
    next: [16, 4, 1],
    react: [19, 3, 0],
    'react-dom': [19, 3, 0],
    nodemailer: [10, 0, 5],
    'better-auth': [1, 7, 0],
  }
  for (const [name, floor] of Object.entries(least)) {
    const file = `node_modules/${name}/package.json`
    if (!existsSync(path.join(root, file))) continue
    const found = (JSON.parse(read(file)) as { version: string }).version.split('.').map(Number)
    const order = [0, 1, 2].map((place) => (found[place] ?? 0) - (floor[place] ?? 0)).find((difference) => difference !== 0) ?? 0
    expect(order, `${name} ${found.join('.')} is below ${floor.join('.')}`).toBeGreaterThanOrEqual(0)
  }
})

test('the floors of the Postgres tools are the same before and after the packages are there', () => {
  for (const [major, minor] of Object.entries(floors)) expect(versionFloors[Number(major)]).toBe(minor)
})

test('every dependency is exact, and the lockfile names the packages of every platform, so that npm ci works everywhere', () => {
  const package_ = JSON.parse(read('package.json')) as Record<string, Record<string, string>> & { version: string }
  const all = { ...package_.dependencies, ...package_.optionalDependencies, ...package_.devDependencies }
  expect(Object.entries(all).filter(([, wanted]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(wanted))).toEqual([])
  expect(missingPlatforms(JSON.parse(read('package-lock.json')))).toEqual([])
  expect(version).toBe(package_.version)
})

test('no path of a developer’s machine and no registry stands in the repository', () => {
  const machine = /\/(work|home\/[a-z]+|Users)\/[a-z]|localhost:4873|verdaccio|"resolved": "http/
  const found = repositoryFiles().filter(
    (file) => /\.(ts|tsx|mjs|js|json|md|sql|yml)$/.test(file) && file !== 'test/house/rules.test.ts' && machine.test(read(file)),
  )
  expect(found).toEqual([])
})

test('no secret is committed: no environment file, no private key', () => {
  const files = repositoryFiles()
  expect(files.filter((file) => /(^|\/)\.env(\.|$)/.test(file) && !file.endsWith('.env.example'))).toEqual([])
  expect(files.filter((file) => /\.(key|pem|p12)$/.test(file))).toEqual([])
  const key = new RegExp(`-----BEGIN (RSA |EC )?${'PRIVATE'} KEY-----\\n[A-Za-z0-9+/]{40}`)
  expect(files.filter((file) => /\.(ts|tsx|mjs|md|json)$/.test(file) && key.test(read(file)))).toEqual([])
})

test('.env.example names every variable that is read', () => {
  const named = new Set([...read('.env.example').matchAll(/^#?\s?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]))
  const readNames = [...read('lib/env.ts').matchAll(/^ {4}([A-Z][A-Z0-9_]+):/gm)].map((match) => match[1] ?? '')
  const internal = new Set(['NODE_ENV', 'LIFEBOAT_ROOT', 'LIFEBOAT_FAILPOINT', 'NO_COLOR', 'PGPASSWORD'])
  expect(readNames.filter((name) => !internal.has(name) && !named.has(name))).toEqual([])
  expect(readNames.length).toBeGreaterThan(30)
})
