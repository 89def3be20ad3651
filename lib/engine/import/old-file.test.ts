import { createCipheriv, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deriveKey, derivations } from './openssl-enc.ts'
import { type OpenOldFileOptions, openOldFile } from './old-file.ts'
import { readPassphrase } from './passphrase.ts'

const words = '--\n-- PostgreSQL database dump\n--\nSELECT 1;\n'
const passphrase = Buffer.from('correct horse')
/** `words`, as openssl 3.0.19 wrote it with the options that stand before each. */
const byOpenssl = {
  '-pbkdf2': 'U2FsdGVkX19Y7+nU0AlaquTx4FO5++rEO4dOcmIY7/1heXjASbTReFkee2CVn4Yuxt+B5E6r9rX57oRUNkQEIg==',
  '-md sha256': 'U2FsdGVkX1+qDaEe2w96Zcnvriil1R+ttJutnbsFa6On/tS5Hgjx8DrJc2Vsphyxk07cST/YihyNbZ5BYnf6YA==',
  '-md md5': 'U2FsdGVkX18h71Zs2TvXs7YbhgSh6ualHslwskdA69+/ZDqtegXiTXhc90LMzEi6yWfvvQYiN9PTiMWnXnn7HQ==',
  '-pbkdf2 -md md5': 'U2FsdGVkX1/q1ZaNDIHfboS3650l3ghqjcF3I0jbfTw51TUqXYDmccjQP1fNgOgZt+/+d6NalCK2iBDzsktW+w==',
  '-pbkdf2 -iter 100000': 'U2FsdGVkX1+pdbMs70Jcy/9NewEv1HsV5ULI1E1U0YZ1zEu14BpkQq07lbaw76LtYTjb1ILi1boWsWbr5gTHDg==',
}
const rows = `${words}${Array.from({ length: 20_000 }, (_, n) => `INSERT INTO t VALUES (${n}, '${(n * 7919).toString(36)}');\n`).join('')}`

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lifeboat-old-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true })
})

async function read(bytes: Buffer, options: Partial<OpenOldFileOptions> = {}): Promise<{ format: string; cipher: string | null; text: string }> {
  const path = join(dir, 'file')
  await writeFile(path, bytes)
  const file = await openOldFile(path, { passphrase, ...options })
  try {
    const parts: Buffer[] = []
    for await (const part of file.plain()) parts.push(part)
    return { format: file.format, cipher: file.cipher, text: Buffer.concat(parts).toString() }
  } finally {
    await file.close()
  }
}

async function sealed(plain: Buffer, how = derivations[0]): Promise<Buffer> {
  if (how === undefined) throw new Error('no derivation')
  const salt = randomBytes(8)
  const { key, iv } = await deriveKey(passphrase, salt, how)
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  return Buffer.concat([Buffer.from('Salted__'), salt, cipher.update(plain), cipher.final()])
}

test.each(Object.entries(byOpenssl))('what openssl enc wrote with %s opens, and the way is told', async (options, base64) => {
  expect(await read(Buffer.from(base64, 'base64'))).toEqual({ format: '.sql.enc', cipher: options, text: words })
})

test('plain, compressed and encrypted files are known by their bytes, whatever they are called', async () => {
  const gzip = gzipSync(rows)
  expect(await read(Buffer.from(rows))).toEqual({ format: '.sql', cipher: null, text: rows })
  expect(await read(gzip)).toEqual({ format: '.sql.gz', cipher: null, text: rows })
  expect(await read(Buffer.concat([gzip, gzip]))).toMatchObject({ format: '.sql.gz', text: rows + rows })
  expect(await read(await sealed(gzip, derivations[2]))).toEqual({ format: '.sql.gz.enc', cipher: '-md md5', text: rows })
  expect(await read(await sealed(Buffer.from('PGDMP\x01\x0e\0')))).toMatchObject({ format: '.dump.enc' })
})

test('a wrong key is told as that, and a missing one by the way to give it', async () => {
  const file = await sealed(gzipSync(rows))
  await expect(read(file, { passphrase: Buffer.from('another') })).rejects.toMatchObject({ code: 'wrong_key' })
  await expect(read(file, { passphrase: null })).rejects.toMatchObject({ code: 'key_missing', hint: expect.stringContaining('ENCRYPTION_KEY') })
})

test('a damaged beginning is told from a wrong key by the end, which still fits', async () => {
  const file = await sealed(gzipSync(rows))
  file.fill(0, 16, 48)
  await expect(read(file)).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining('beginning is damaged') })
})

test('a file that was cut off is found out at every length, encrypted or not', async () => {
  const gzip = gzipSync(rows)
  const file = await sealed(gzip)
  for (const cut of [1, 8, 15, 16, 32, 1024, Math.floor(file.length / 32) * 16]) {
    await expect(read(file.subarray(0, file.length - cut)), `encrypted, ${cut} bytes short`).rejects.toMatchObject({ code: 'corrupt' })
    await expect(read(gzip.subarray(0, gzip.length - cut)), `compressed, ${cut} bytes short`).rejects.toMatchObject({ code: 'corrupt' })
  }
})

test('a flipped bit in compressed data and anything behind its end are found out', async () => {
  const gzip = gzipSync(rows)
  const flipped = Buffer.from(gzip)
  flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1
  await expect(read(flipped)).rejects.toMatchObject({ code: 'corrupt' })
  await expect(read(Buffer.concat([gzip, Buffer.from('rest')]))).rejects.toMatchObject({ code: 'corrupt' })
  await expect(read(Buffer.concat([gzip, Buffer.alloc(512)]))).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining('follows') })
})

test('a bomb is stopped at the cap, long before it is whole', async () => {
  const bomb = gzipSync(Buffer.concat([Buffer.from(words), Buffer.alloc(64 << 20, ' ')]))
  expect(bomb.length).toBeLessThan(100_000)
  await expect(read(bomb, { maximumPlainBytes: 1 << 20 })).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('bomb') })
})

test('only regular files of a bearable size are read, and what they are is said', async () => {
  const open = (path: string) => openOldFile(path, { passphrase })
  await expect(open(join(dir, 'nothing'))).rejects.toMatchObject({ code: 'not_found' })
  await mkdir(join(dir, 'directory'))
  await expect(open(join(dir, 'directory'))).rejects.toMatchObject({ code: 'refused' })
  await symlink('/dev/zero', join(dir, 'device'))
  await expect(open(join(dir, 'device'))).rejects.toMatchObject({ code: 'refused' })
  await expect(read(Buffer.from(words), { maximumBytes: 10 })).rejects.toMatchObject({ code: 'refused' })
  await expect(read(Buffer.from(`\ufeff${words}`, 'utf16le'))).rejects.toMatchObject({ message: expect.stringContaining('UTF-16') })
  await expect(read(randomBytes(4096))).rejects.toMatchObject({ code: 'corrupt' })
})

test('a key file gives its first line, without the line’s end', async () => {
  const path = join(dir, 'key')
  await writeFile(path, 'correct horse\r\nand more\n')
  expect((await readPassphrase(path)).toString()).toBe('correct horse')
  await writeFile(path, '\n')
  await expect(readPassphrase(path)).rejects.toMatchObject({ code: 'key_missing' })
})
