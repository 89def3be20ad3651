import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { LifeboatError } from '#lib/domain/errors.ts'
import { talk } from './output.ts'

/** Yes by --yes, or from a person; without a terminal a destructive command refuses. */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY)
    throw new LifeboatError('refused', `${question} There is no terminal to ask on.`, 'Repeat with --yes if you mean it. Nothing was changed.')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`${question} [y/N] `)
  terminal.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw new LifeboatError('cancelled', 'Not confirmed. Nothing was changed.')
}

/** The name of what is overwritten, typed by a person, or vouched for by --yes; without a terminal and without --yes nothing is overwritten. */
export async function confirmName(question: string, name: string, yes: boolean): Promise<string> {
  if (yes) return name
  if (!process.stdin.isTTY)
    throw new LifeboatError('refused', `${question} There is no terminal to ask on.`, 'Repeat with --yes if you mean it. Nothing was changed.')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`${question} Type its name to go on (${name}): `)
  terminal.close()
  if (answer !== name) throw new LifeboatError('cancelled', 'That is not its name. Nothing was changed.')
  return answer
}

/** A secret from a file, else typed unseen, else null where there is no terminal. */
export async function secret(what: string, file: string | undefined): Promise<string | null> {
  if (file !== undefined) return readSecretFile(file)
  if (!process.stdin.isTTY) return null
  process.stderr.write(`${what}: `)
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true })
  const typed = await terminal.question('')
  terminal.close()
  talk('')
  return typed === '' ? null : typed
}

export function readSecretFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch {
    throw new LifeboatError('usage', `${file} cannot be read.`, 'Name a file that holds the secret on its first line.')
  }
}
