import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkKindNames, checkKinds } from './check-kinds.ts'
import { remedies, remedyOf } from './remedies.ts'
import { commands } from '../../../workers/cli/commands.ts'

const page = readFileSync('docs/watching.md', 'utf8')

test.each(checkKindNames)('docs/watching.md says of %s what the alert says', (kind) => {
  const { title } = checkKinds[kind]
  const begin = page.indexOf(`### ${title}\n`)
  expect(begin).toBeGreaterThan(0)
  const end = page.indexOf('\n### ', begin + 1)
  const section = page.slice(begin, end === -1 ? undefined : end)
  expect(section).toContain(`\`${kind}\``)
  expect(section).toContain(remedies[kind].means)
  for (const step of remedies[kind].steps) expect(section).toContain(step.words)
})

test('every link leads to a page of the console, and every command is one that there is', () => {
  for (const [kind, { steps }] of Object.entries(remedies)) {
    for (const { href, command } of steps) {
      if (href !== null) {
        const folder = href.split('?')[0]?.replace(/\{\w+\}/g, '[id]') ?? ''
        const known = [`app/(console)${folder}/page.tsx`, `app/(console)${folder.replace(/\/[^/]+$/, '/[scenario]')}/page.tsx`]
        expect(
          known.some((file) => existsSync(file)),
          `${kind}: ${href}`,
        ).toBe(true)
      }
      if (command !== null) expect(Object.keys(commands), `${kind}: ${command}`).toContain(command.split(' ')[1])
    }
  }
})

test('a link or a command that needs what the alert does not know is left out', () => {
  const alert = { kind: 'backup' as const, database_id: '6b1f0a52-1111-4111-8111-000000000001', storage_id: null }
  expect(remedyOf({ ...alert, detail: {} }).firstStep.href).toBeNull()
  expect(remedyOf({ ...alert, detail: { operationId: '../../evil' } }).firstStep.href).toBeNull()
  expect(remedyOf({ ...alert, detail: { operationId: '6b1f0a52-1111-4111-8111-000000000002' } }).firstStep.href).toBe(
    '/operations/6b1f0a52-1111-4111-8111-000000000002',
  )
  expect(remedyOf({ ...alert, detail: {} }).steps[1]?.href).toBe('/databases/6b1f0a52-1111-4111-8111-000000000001')
})
