import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addNames, askedFor, commands } from './commands.ts'

test('the list of commands says what each command says of itself, in the same order', async () => {
  const whole = new Command('lifeboat')
  for (const { load } of Object.values(commands)) (await load())(whole)
  const listed = new Command('lifeboat')
  addNames(listed)
  expect(listed.helpInformation()).toBe(whole.helpInformation())
  expect(whole.commands.map((command) => command.name())).toEqual(Object.keys(commands))
})

test.each([
  [['backup', 'daily', '--json'], 'backup'],
  [['--json', 'list-backups'], 'list-backups'],
  [['help', 'restore-full'], 'restore-full'],
  [['key', 'show', '--help'], 'key'],
  [['--help'], null],
  [['--help', 'backup'], null],
  [['help'], null],
  [[], null],
  [['toString'], null],
  [['bakcup'], null],
])('of %j the command is %s', (words, name) => {
  expect(askedFor(words)).toBe(name)
})
