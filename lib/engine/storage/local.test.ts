import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keysBelow, signal, storageContract, storageId } from '#test/storage-contract.ts'
import { makeLocalRoot, openLocalStorage } from './local.ts'
import { markerKey, writeMarker } from './marker.ts'

async function newPlace(): Promise<{ path: string; stop: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'lifeboat-local-'))
  return { path, stop: () => rm(path, { recursive: true, force: true }) }
}

function run(command: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}: ${said}`))))
  })
}

describe('a directory keeps the contract of every storage', () => {
  storageContract(async () => {
    const place = await newPlace()
    return { open: (id) => openLocalStorage({ path: place.path, storageId: id }), stop: place.stop }
  }, 3_000_000)
})

test('a new directory is made with its parents; below a file system that takes none it is refused at once', async () => {
  const place = await newPlace()
  try {
    const path = join(place.path, 'not', 'there', 'yet')
    await makeLocalRoot(path)
    expect((await stat(path)).mode & 0o777).toBe(0o750)
    await expect(makeLocalRoot('/proc/lifeboat/backups')).rejects.toMatchObject({ code: 'storage_refused' })
  } finally {
    await place.stop()
  }
})

describe('a directory as a storage', () => {
  let place: Awaited<ReturnType<typeof newPlace>>
  beforeAll(async () => {
    place = await newPlace()
    await makeLocalRoot(place.path)
    await writeMarker(openLocalStorage({ path: place.path, storageId: null }), storageId)
  })
  afterAll(() => place.stop())
  const driver = () => openLocalStorage({ path: place.path, storageId })

  test('files are 0640 and directories 0750', async () => {
    await driver().put('db/daily/b/e1', Readable.from([Buffer.from('x')]), { signal })
    expect((await stat(join(place.path, 'db/daily/b/e1'))).mode & 0o777).toBe(0o640)
    expect((await stat(join(place.path, 'db/daily'))).mode & 0o777).toBe(0o750)
  })

  test('an object is invisible until it is whole, and its temporary file is not listed', async () => {
    const seen: string[][] = []
    const files: string[][] = []
    const body = Readable.from(
      (async function* () {
        yield randomBytes(1000)
        seen.push(await keysBelow(driver(), 'slow'))
        files.push(await readdir(join(place.path, 'slow')))
        yield randomBytes(1000)
      })(),
    )
    await driver().put('slow/e1', body, { signal })
    expect(seen).toEqual([[]])
    expect(files[0]?.[0]).toMatch(/^\.e1\.[0-9a-f]{16}\.part$/)
    expect(await readdir(join(place.path, 'slow'))).toEqual(['e1'])
  })

  test('a symbolic link is followed neither for reading nor for writing', async () => {
    const outside = await newPlace()
    try {
      await writeFile(join(outside.path, 'secret'), 'not yours')
      await symlink(outside.path, join(place.path, 'linked'))
      await symlink(join(outside.path, 'secret'), join(place.path, 'db/alias'))
      await expect(driver().get('linked/secret', { signal })).rejects.toMatchObject({ code: 'corrupt' })
      await expect(driver().get('db/alias', { signal })).rejects.toMatchObject({ code: 'corrupt' })
      await expect(driver().put('linked/new', Readable.from([Buffer.from('x')]), { signal })).rejects.toMatchObject({ code: 'corrupt' })
      await expect(driver().remove('linked/secret', { signal })).rejects.toMatchObject({ code: 'corrupt' })
      expect(await readdir(outside.path)).toEqual(['secret'])
      expect(await keysBelow(driver(), '')).not.toContain('linked/secret')
    } finally {
      await outside.stop()
    }
  })

  test('the sweep removes our old temporary files and nothing else', async () => {
    await mkdir(join(place.path, 'left'), { recursive: true })
    const old = new Date(Date.now() - 7_200_000)
    for (const name of ['.e1.0123456789abcdef.part', '.e2.0123456789abcdef.part', '.someone.part', 'e3'])
      await writeFile(join(place.path, 'left', name), 'x')
    for (const name of ['.e1.0123456789abcdef.part', '.someone.part', 'e3']) await utimes(join(place.path, 'left', name), old, old)
    expect(await driver().sweep('left', new Date(Date.now() - 3_600_000), { signal })).toBe(1)
    expect((await readdir(join(place.path, 'left'))).sort()).toEqual(['.e2.0123456789abcdef.part', '.someone.part', 'e3'])
  })

  test('unfinished uploads are listed under the key that they were to become, and one of them is taken away', async () => {
    await mkdir(join(place.path, 'begun/daily'), { recursive: true })
    for (const name of ['.e1.0123456789abcdef.part', '.e2.0123456789abcdef.part', '.someone.part'])
      await writeFile(join(place.path, 'begun/daily', name), 'four')
    const found = []
    for await (const upload of driver().unfinished('begun', { signal })) found.push(upload)
    expect(found.map(({ key, bytes }) => [key, bytes])).toEqual([
      ['begun/daily/e1', 4],
      ['begun/daily/e2', 4],
    ])
    const [first] = found
    if (first === undefined) throw new Error('nothing was listed')
    await driver().abort(first, { signal })
    await driver().abort(first, { signal })
    expect((await readdir(join(place.path, 'begun/daily'))).sort()).toEqual(['.e2.0123456789abcdef.part', '.someone.part'])
    await expect(driver().abort({ ...first, id: 'begun/daily/e3' }, { signal })).rejects.toMatchObject({ code: 'refused' })
  })

  test('what no key of ours looks like is told apart, with its size', async () => {
    await mkdir(join(place.path, 'strange'), { recursive: true })
    await writeFile(join(place.path, 'strange', 'holiday photo.jpg'), 'not ours')
    await writeFile(join(place.path, 'strange', 'plain'), 'x')
    const foreign: [string, number][] = []
    const keys = []
    for await (const object of driver().list('strange', { signal, onForeign: (name, bytes) => foreign.push([name, bytes]) })) keys.push(object.key)
    expect([keys, foreign]).toEqual([['strange/plain'], [['strange/holiday photo.jpg', 8]]])
  })

  test('an unmounted disk is absent for a driver that was already open, and is not written', async () => {
    const gone = await newPlace()
    try {
      await writeMarker(openLocalStorage({ path: gone.path, storageId: null }), storageId)
      const open = openLocalStorage({ path: gone.path, storageId })
      await open.put('db/e1', Readable.from([Buffer.from('x')]), { signal })
      await rm(gone.path, { recursive: true })
      await mkdir(gone.path) // the bare mount point
      await expect(open.put('db/e2', Readable.from([Buffer.from('x')]), { signal })).rejects.toMatchObject({ code: 'storage_absent' })
      await expect(open.head('db/e1', { signal })).rejects.toMatchObject({ code: 'storage_absent' })
      expect(await readdir(gone.path)).toEqual([])
      await rm(gone.path, { recursive: true })
      await expect(open.get('db/e1', { signal })).rejects.toMatchObject({ code: 'storage_absent' })
    } finally {
      await gone.stop()
    }
  })

  test('removing the last object of a backup removes its empty directories, and never the root', async () => {
    await driver().put('only/daily/b/e1', Readable.from([Buffer.from('x')]), { signal })
    await driver().remove('only/daily/b/e1', { signal })
    expect(await readdir(place.path)).not.toContain('only')
    expect(await readdir(place.path)).toContain(markerKey)
  })
})

describe('a full disk', () => {
  let place: Awaited<ReturnType<typeof newPlace>>
  beforeAll(async () => {
    place = await newPlace()
    // a real small disk: this needs root (or CAP_SYS_ADMIN), and fails loudly without it
    await run('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=0750', 'tmpfs', place.path])
    await writeMarker(openLocalStorage({ path: place.path, storageId: null }), storageId)
  })
  afterAll(async () => {
    await run('umount', [place.path])
    await place.stop()
  })

  test('is disk_full, the unfinished file is gone, and smaller objects still fit', async () => {
    const driver = openLocalStorage({ path: place.path, storageId })
    const body = Readable.from(Array.from({ length: 64 }, () => randomBytes(65_536)))
    await expect(driver.put('db/daily/b/e1', body, { signal })).rejects.toMatchObject({ code: 'disk_full' })
    expect(await readdir(join(place.path, 'db/daily/b'))).toEqual([])
    const { totalBytes, freeBytes } = await driver.capacity({ signal })
    expect(totalBytes).toBe(2 << 20)
    expect(freeBytes).toBeGreaterThan(1 << 20)
    await driver.put('db/daily/b/e2', Readable.from([randomBytes(100_000)]), { signal })
    expect(await keysBelow(driver, 'db')).toEqual(['db/daily/b/e2'])
  })
})
