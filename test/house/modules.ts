import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync } from 'oxc-parser'

export const root = path.join(import.meta.dirname, '../..')

/** Every file of the repository: tracked, or new and not ignored. Works without git too, on an unpacked archive. */
export function repositoryFiles(): string[] {
  const listed = execFileSync('git', ['-C', root, 'ls-files', '-co', '--exclude-standard', '-z'], { encoding: 'utf8', maxBuffer: 1 << 26 })
  return listed.split('\0').filter((file) => file !== '' && existsSync(path.join(root, file)))
}

export function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

export function sourceFiles(): string[] {
  return repositoryFiles().filter((file) => /\.(ts|tsx|mjs|js)$/.test(file))
}

export const isTest = (file: string) => /\.(test|e2e)\.tsx?$/.test(file) || file.startsWith('test/') || file.startsWith('e2e/')

export interface Import {
  /** as written */
  specifier: string
  /** repository path, or null for a package */
  target: string | null
  /** erased before it runs */
  typeOnly: boolean
}

const parsed = new Map<string, Import[]>()

/** Static and dynamic imports and re-exports of a module, as the parser sees them. */
export function importsOf(file: string): Import[] {
  const known = parsed.get(file)
  if (known) return known
  const { module, errors } = parseSync(file, read(file))
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`)
  const found: Import[] = module.staticImports.map((one) => ({
    ...resolve(file, one.moduleRequest.value),
    typeOnly: one.entries.length > 0 && one.entries.every((entry) => entry.isType),
  }))
  for (const one of module.staticExports) {
    for (const entry of one.entries) if (entry.moduleRequest) found.push({ ...resolve(file, entry.moduleRequest.value), typeOnly: entry.isType })
  }
  for (const one of module.dynamicImports) {
    const words = read(file).slice(one.moduleRequest.start, one.moduleRequest.end)
    if (/^['"]/.test(words)) found.push({ ...resolve(file, words.slice(1, -1)), typeOnly: false })
  }
  parsed.set(file, found)
  return found
}

function resolve(from: string, specifier: string): { specifier: string; target: string | null } {
  if (specifier.startsWith('#')) return { specifier, target: specifier.slice(1) }
  if (specifier.startsWith('.')) return { specifier, target: path.join(path.dirname(from), specifier) }
  return { specifier, target: null }
}
