import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'
import { runToEnd } from './child.ts'
import type { Say } from './say.ts'

/** What the console is made of; a change in any of these makes a new build. */
const sources = [
  'app',
  'components',
  'lib',
  'public',
  'proxy.ts',
  'instrumentation.ts',
  'next.config.js',
  'postcss.config.mjs',
  'tsconfig.json',
  'package-lock.json',
]

/** Builds the console unless the one that is there was made of the same sources. A build takes one to two minutes on two cores. */
export async function ensureBuilt(root: string, env: Record<string, string | undefined>, say: Say, signal: AbortSignal): Promise<void> {
  const out = path.join(root, env.LIFEBOAT_NEXT_DIR || '.next')
  const stampFile = path.join(out, 'lifeboat-build')
  const stamp = hashOf(root)
  const stale = !existsSync(path.join(out, 'BUILD_ID')) || !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp
  if (!stale) return say('the build is current')
  say('building the console; one to two minutes, once')
  rmSync(stampFile, { force: true })
  // the table of routes is of no use to who waits for the console
  const plan = {
    args: [nextProgram(root), 'build'],
    env: { ...env, NODE_ENV: 'production' },
    cwd: root,
    say: (line: string) => /^([┌├└○ƒ]|Route \()/.test(line) || say(line),
  }
  const began = Date.now()
  const ticking = setInterval(() => say(`still building, ${Math.round((Date.now() - began) / 1000)} s`), 15_000)
  const code = await runToEnd(plan, signal).finally(() => clearInterval(ticking))
  if (code !== 0) {
    throw new LifeboatError('failed', 'The console could not be built (its words stand above).', 'Mend what they name, then run npm start again.')
  }
  writeFileSync(stampFile, stamp)
}

export function nextProgram(root: string): string {
  return path.join(root, 'node_modules/next/dist/bin/next')
}

function hashOf(root: string): string {
  const hash = createHash('sha256')
  for (const file of sources.flatMap((source) => filesBelow(path.join(root, source)))) {
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return hash.digest('hex')
}

function filesBelow(at: string): string[] {
  if (!existsSync(at)) return []
  if (statSync(at).isFile()) return [at]
  return readdirSync(at, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((each) =>
      each.isDirectory() ? filesBelow(path.join(at, each.name)) : /\.test\.tsx?$/.test(each.name) ? [] : [path.join(at, each.name)],
    )
}
