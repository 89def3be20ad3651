import { expect, test } from 'vitest'
import { makeLogger } from './log.ts'

const canary = 'canary-7f3a'

function written(format: 'json' | 'text', fields: Record<string, unknown>): string {
  const lines: string[] = []
  makeLogger({ LOG_LEVEL: 'info', LOG_FORMAT: format }, { write: (line: string) => void lines.push(line) }).info(fields, 'a thing happened')
  return lines.join('')
}

test.each(['json', 'text'] as const)('secrets are taken out of %s logs by their name, at any of three depths', (format) => {
  const line = written(format, { password: canary, storage: { secretAccessKey: canary }, a: { b: { token: canary, id: 'shown' } } })
  expect(line).toContain('a thing happened')
  expect(line).toContain('shown')
  expect(line).not.toContain(canary)
})

test('a message in text stays on one line', () => {
  expect(written('text', { reason: 'first\nsecond' }).trimEnd().split('\n')).toHaveLength(1)
})
