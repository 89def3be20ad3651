import { expect, test } from 'vitest'
import { readable } from './say.ts'

test('a log record is said as a sentence with its fields, its weight in front', () => {
  expect(readable('{"level":30,"time":"2026-01-01T00:00:00Z","msg":"the worker is ready","tools":[15]}')).toBe('the worker is ready  tools=[15]')
  expect(readable('{"level":50,"msg":"it broke","reason":"disk"}')).toBe('ERROR: it broke  reason=disk')
})

test('what is no log record of ours is passed on as it is', () => {
  for (const line of ['▲ Next.js', '{not json', '{"a":1}']) expect(readable(line)).toBe(line)
})
