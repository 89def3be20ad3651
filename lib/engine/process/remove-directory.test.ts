import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { removeDirectory } from './remove-directory.ts'

test('a directory goes with all that is in it, however much; what a link in it points to stays', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'lifeboat-kept-'))
  const dir = await mkdtemp(join(tmpdir(), 'lifeboat-removed-'))
  try {
    await writeFile(join(outside, 'kept'), 'kept')
    await mkdir(join(dir, 'archive', 'deep'), { recursive: true })
    await symlink(outside, join(dir, 'archive', 'link'))
    await Promise.all(Array.from({ length: 1500 }, (_, index) => writeFile(join(dir, 'archive', index % 2 ? 'deep' : '.', `${index}`), '')))
    await removeDirectory(dir)
    expect(existsSync(dir)).toBe(false)
    expect(await readFile(join(outside, 'kept'), 'utf8')).toBe('kept')
  } finally {
    await rm(dir, { recursive: true, force: true })
    await rm(outside, { recursive: true })
  }
})

test('a directory that is not there is no error', async () => {
  await removeDirectory(join(tmpdir(), 'lifeboat-was-never-there'))
})
