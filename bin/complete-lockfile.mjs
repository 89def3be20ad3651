// After adding a dependency on a machine whose registry lacks other platforms' packages, npm leaves those out of the lockfile,
// and `npm ci` then refuses it everywhere. This adds each one as an optional entry with its exact version. Run: node bin/complete-lockfile.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './bootstrap.mjs'

/** `binding-linux-x64-musl` -> os, cpu and libc as a lockfile states them. */
function platformOf(name) {
  const words = name
    .split('/')
    .pop()
    .replace(/^(cli|oxide|swc|binding)-/, '')
    .split('-')
  if (words[0] === 'wasm32') return { cpu: ['wasm32'] }
  const libc = /^musl/.test(words[2] ?? '') ? { libc: ['musl'] } : /^gnu/.test(words[2] ?? '') ? { libc: ['glibc'] } : {}
  return { cpu: [words[1]], os: [words[0]], ...libc }
}

export function missingPlatforms(lock) {
  const missing = []
  for (const [at, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (lock.packages[`node_modules/${name}`] || lock.packages[`${at}/node_modules/${name}`]) continue
      missing.push([`node_modules/${name}`, { version, optional: true, ...platformOf(name), ...(entry.dev ? { dev: true } : {}) }])
    }
  }
  return missing
}

if (process.argv[1] === import.meta.filename || process.argv[1]?.endsWith('complete-lockfile.mjs')) {
  const file = path.join(root, 'package-lock.json')
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const missing = missingPlatforms(lock)
  Object.assign(lock.packages, Object.fromEntries(missing))
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${missing.length} entries added.`)
}
