#!/usr/bin/env node
// Lifeboat rescue, version 1: reads, checks and restores a Lifeboat backup with neither Lifeboat nor its catalogue.
// Needs Node 22.15 or later and PostgreSQL's client tools (pg_restore, createdb). One file, no dependencies, no network of its own.
// Run it only when its SHA-256 is the one on your recovery sheet:  sha256sum lifeboat-rescue-v1.mjs
import { spawn, spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import zlib from 'node:zlib'

const usage = `Lifeboat rescue, version 1

  node lifeboat-rescue-v1.mjs list DIR [--key-file F]
      every backup below DIR; with a key also what is in it
  node lifeboat-rescue-v1.mjs verify BACKUP --key-file F
      reads and authenticates every byte; restores nothing
  node lifeboat-rescue-v1.mjs restore BACKUP --key-file F --into NAME [--host H] [--port P] [--user U]
      checks everything, makes the new database NAME, restores into it
  node lifeboat-rescue-v1.mjs extract BACKUP --key-file F --to DIR
      writes the decrypted archive into the new directory DIR, for pg_restore -Fd (in clear: guard it)

BACKUP is the directory that holds "key", "manifest" and e000001, e000002, … (backup_daily_20260131_030000_1a2b3c4d).

  --key-file F      a file with the text of LIFEBOAT_KEY, or with the private recovery key (PEM); or set LIFEBOAT_KEY
  --public-key F    the signing public keys from the recovery sheet (PEM, one or several); only needed with the recovery key
  --existing        restore into the database NAME that exists already and is empty, instead of making it
  --no-owner        do not restore who owns what
  --no-privileges   do not restore who may do what
  --pg-restore PATH which pg_restore to use

The password of the target comes from PGPASSWORD, PGPASSFILE or ~/.pgpass; TLS from PGSSLMODE and PGSSLROOTCERT.
Exit: 0 done, 1 failed, 2 wrong usage, 3 the backup is damaged or incomplete, 5 wrong key.
`

class Problem extends Error {
  constructor(exit, message) {
    super(message)
    this.exit = exit
  }
}
const damaged = (message) => new Problem(3, message)
const say = (line) => process.stdout.write(`${line}\n`)

// ---------------------------------------------------------------- reading a sealed object

/** Exact reads from a file; too short is damage. Symbolic links are not followed: what was downloaded is not trusted. */
class Reader {
  constructor(chunks) {
    this.chunks = chunks[Symbol.asyncIterator]()
    this.rest = Buffer.alloc(0)
  }
  async fill() {
    const next = await this.chunks.next()
    this.rest = next.done ? Buffer.alloc(0) : next.value
    return !next.done
  }
  async read(bytes) {
    const parts = []
    let missing = bytes
    while (missing > this.rest.length) {
      parts.push(this.rest)
      missing -= this.rest.length
      if (!(await this.fill())) throw damaged('it ends too early: it was cut off')
    }
    parts.push(this.rest.subarray(0, missing))
    this.rest = this.rest.subarray(missing)
    return Buffer.concat(parts, bytes)
  }
  async atEnd() {
    while (this.rest.length === 0) if (!(await this.fill())) return true
    return false
  }
}

function openFile(file) {
  const fd = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0))
  if (!fs.fstatSync(fd).isFile()) {
    fs.closeSync(fd)
    throw damaged(`${path.basename(file)} is not a file`)
  }
  return fd
}

function readSmall(file, maxBytes) {
  const fd = openFile(file)
  try {
    if (fs.fstatSync(fd).size > maxBytes) throw damaged(`${path.basename(file)} is larger than it can be`)
    return fs.readFileSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

const hkdf = (hash, key, salt, info, bytes) => Buffer.from(crypto.hkdfSync(hash, key, salt, info, bytes))
const derive = (key, purpose) => hkdf('sha256', key, Buffer.alloc(0), `lifeboat/1 ${purpose}`, 32)
const fingerprint = (key) => derive(key, 'fingerprint').subarray(0, 8).toString('hex')
const u32 = (number) => Buffer.from([number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255])

function decrypt(key, iv, aad, content, tag) {
  try {
    const decipher = crypto.createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 }).setAAD(aad).setAuthTag(tag)
    const plain = decipher.update(content)
    decipher.final()
    return plain
  } catch {
    throw damaged('it was changed: it does not authenticate')
  }
}

/** The first line of each object: `lifeboat/1 <fingerprint of the backup key> <CRC-32>\n`. Tells a wrong key from damage. */
async function checkFirstLine(reader, backupKey) {
  const line = (await reader.read(37)).toString('latin1')
  const found = /^lifeboat\/1 ([0-9a-f]{16}) ([0-9a-f]{8})\n$/.exec(line)
  if (!found || zlib.crc32(line.slice(0, 28)).toString(16).padStart(8, '0') !== found[2]) throw damaged('it does not begin as a sealed object does')
  if (found[1] !== fingerprint(backupKey)) throw damaged('it was sealed for another backup')
}

/**
 * One message of the AWS Encryption SDK, format 2, suite 0x0478 (AES-256-GCM, HKDF-SHA512, key commitment, unsigned), frames of 1 MiB,
 * one data key wrapped by a raw AES key. Yields each frame after it was authenticated, and nothing before.
 */
async function* openMessage(reader, backupKey, expected) {
  const header = []
  const take = async (bytes) => {
    const read = await reader.read(bytes)
    header.push(read)
    return read
  }
  const u16 = async () => (await take(2)).readUInt16BE()
  const field = async () => take(await u16())
  if ((await take(3)).toString('hex') !== '020478') throw damaged('it is sealed in another format')
  const messageId = await take(32)
  const context = new Map()
  if ((await u16()) > 0) {
    const count = await u16()
    for (let i = 0; i < count; i++) context.set((await field()).toString(), (await field()).toString())
  }
  const names = Object.keys(expected).sort()
  if (context.size !== names.length || names.some((name) => context.get(name) !== expected[name]))
    throw damaged(`it is entry ${context.get('ordinal')} of backup ${context.get('backupId')}, not what stands at this place`)
  if ((await u16()) !== 1) throw damaged('it has more than one wrapped key')
  await field()
  const info = await field()
  const sealed = await field()
  if ((await take(1))[0] !== 2 || (await take(4)).readUInt32BE() !== 1 << 20) throw damaged('it is framed in another way')
  const commitment = await take(32)
  if (info.length < 20 || sealed.length !== 48) throw damaged('its wrapped key has a wrong length')

  const sized = (text) => Buffer.concat([Buffer.from([Buffer.byteLength(text) >> 8, Buffer.byteLength(text) & 255]), Buffer.from(text)])
  const aad = Buffer.concat([Buffer.from([names.length >> 8, names.length & 255]), ...names.flatMap((name) => [sized(name), sized(expected[name])])])
  const dataKey = decrypt(backupKey, info.subarray(info.length - 12), aad, sealed.subarray(0, 32), sealed.subarray(32))
  if (!crypto.timingSafeEqual(hkdf('sha512', dataKey, messageId, 'COMMITKEY', 32), commitment)) throw damaged('its key commitment does not match')
  const key = hkdf('sha512', dataKey, messageId, Buffer.concat([Buffer.from('0478', 'hex'), Buffer.from('DERIVEKEY')]), 32)
  decrypt(key, Buffer.alloc(12), Buffer.concat(header), Buffer.alloc(0), await reader.read(16))

  for (let sequence = 1; ; sequence++) {
    let number = (await reader.read(4)).readUInt32BE()
    const last = number === 0xffffffff
    if (last) number = (await reader.read(4)).readUInt32BE()
    if (number !== sequence) throw damaged('its frames are out of order')
    const iv = await reader.read(12)
    const length = last ? (await reader.read(4)).readUInt32BE() : 1 << 20
    if (length > 1 << 20) throw damaged('a frame is longer than frames are')
    const content = await reader.read(length)
    const kind = Buffer.from(last ? 'AWSKMSEncryptionClient Final Frame' : 'AWSKMSEncryptionClient Frame')
    const plain = decrypt(key, iv, Buffer.concat([messageId, kind, u32(sequence), u32(0), u32(length)]), content, await reader.read(16))
    if (last && !(await reader.atEnd())) throw damaged('something was appended to it')
    if (plain.length > 0) yield plain
    if (last) return
  }
}

const unzstd = zlib.zstdDecompress ? promisify(zlib.zstdDecompress) : null

/** Pieces: a skippable frame with stored and raw length, then one zstd frame. Node reads only the first frame of a zstd stream, so each goes alone. */
async function* decompress(plain) {
  const reader = new Reader(plain)
  while (!(await reader.atEnd())) {
    const head = await reader.read(16)
    const stored = head.readUInt32LE(8)
    const raw = head.readUInt32LE(12)
    if (head.readUInt32LE(0) !== 0x184d2a50 || head.readUInt32LE(4) !== 8 || stored > 1 << 24 || raw > 1 << 24)
      throw damaged('a piece has no valid length in front of it')
    const piece = await unzstd(await reader.read(stored), { chunkSize: Math.max(64, raw), maxOutputLength: Math.max(1, raw) }).catch(() => {
      throw damaged('a piece does not decompress')
    })
    if (piece.length !== raw) throw damaged('a piece is shorter than it says')
    yield piece
  }
}

/** The authenticated raw bytes of one object; with the manifest's `entry`, sizes and SHA-256 must be what it says. */
async function* openObject(file, backup, ordinal, entry) {
  const stored = { bytes: 0, hash: crypto.createHash('sha256') }
  const raw = { bytes: 0, hash: crypto.createHash('sha256') }
  const fd = openFile(file)
  const source = fs.createReadStream('', { fd, highWaterMark: 1 << 20 })
  async function* counted() {
    for await (const chunk of source) {
      stored.bytes += chunk.length
      if (entry && stored.bytes > entry.storedBytes) throw damaged('it is larger than the manifest says')
      stored.hash.update(chunk)
      yield chunk
    }
  }
  try {
    const reader = new Reader(counted())
    await checkFirstLine(reader, backup.key)
    const context = { backupId: backup.id, format: 'lifeboat/1', ordinal: String(ordinal) }
    for await (const piece of decompress(openMessage(reader, backup.key, context))) {
      raw.bytes += piece.length
      raw.hash.update(piece)
      if (entry && raw.bytes > entry.rawBytes) throw damaged('it holds more than the manifest says')
      yield piece
    }
    if (!entry) return
    const same = raw.bytes === entry.rawBytes && stored.bytes === entry.storedBytes
    if (!same || raw.hash.digest('hex') !== entry.rawSha256 || stored.hash.digest('hex') !== entry.storedSha256)
      throw damaged('it is not what the manifest says')
  } finally {
    source.destroy()
  }
}

async function collect(chunks, maxBytes) {
  const parts = []
  let bytes = 0
  for await (const part of chunks) {
    bytes += part.length
    if (bytes > maxBytes) throw damaged('it is larger than it can be')
    parts.push(part)
  }
  return Buffer.concat(parts, bytes)
}

// ---------------------------------------------------------------- keys and the manifest

/** A key from `--key-file` or LIFEBOAT_KEY: 32 bytes in base64 (the master key), or a private RSA key in PEM (the recovery key). */
function readKey(options) {
  let text = process.env.LIFEBOAT_KEY ?? ''
  if (options['key-file']) text = fs.readFileSync(options['key-file'], 'utf8')
  if (text.trim() === '') throw new Problem(2, 'No key. Give --key-file, or set LIFEBOAT_KEY.')
  if (text.includes('PRIVATE KEY')) {
    try {
      const der = crypto.createPublicKey(text).export({ type: 'spki', format: 'der' })
      return { by: 'recovery', id: crypto.createHash('sha256').update(der).digest('hex').slice(0, 16), pem: text, signing: null }
    } catch {
      throw new Problem(2, 'The recovery key cannot be read. Type it again, with its BEGIN and END lines.')
    }
  }
  const master = Buffer.from(text.trim(), 'base64')
  if (master.length !== 32) throw new Problem(2, 'The key is not the base64 of 32 bytes. It looks like 43 letters and digits and one "=".')
  const kek = derive(master, 'key-encryption')
  const seed = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), derive(master, 'signing')])
  return {
    by: 'master',
    id: fingerprint(kek),
    kek,
    signing: crypto.createPublicKey(crypto.createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' })),
  }
}

/** The backup key from the objects `key`, `key_2`, … (a rotation adds one, which vouches for the manifest that was there before it). */
function openBackupKey(directory, key) {
  const names = fs.readdirSync(directory).filter((name) => /^key(_\d{1,4})?$/.test(name))
  if (names.length === 0) throw damaged(`${directory} holds no object named "key". Is it the directory of one backup, downloaded whole?`)
  const needed = []
  for (const name of names.sort()) {
    let object
    try {
      object = JSON.parse(readSmall(path.join(directory, name), 65536).toString('utf8'))
    } catch (error) {
      throw error instanceof Problem ? error : damaged(`the object ${name} cannot be read`)
    }
    if (object?.format !== 'lifeboat/1 key' || typeof object.backupId !== 'string' || !Array.isArray(object.wrapped))
      throw damaged(`the object ${name} has a form that this script does not know`)
    for (const one of object.wrapped) {
      needed.push(`${one.by} key ${one.keyId}`)
      if (one.by !== key.by || one.keyId !== key.id) continue
      return { id: object.backupId, key: unwrap(one, object, key), vouches: key.by === 'master' ? (object.vouches ?? null) : null }
    }
  }
  throw new Problem(5, `This backup opens with ${[...new Set(needed)].join(' or ')}; the key that you gave is ${key.by} key ${key.id}.`)
}

function unwrap(one, { backupId, vouches }, key) {
  const bytes = (text) => Buffer.from(String(text), 'base64')
  let opened
  if (key.by === 'master')
    opened = decrypt(
      key.kek,
      bytes(one.iv),
      Buffer.from(`lifeboat/1 key|${backupId}|${key.id}${vouches ? `|${vouches.signer}|${vouches.manifestSha256}` : ''}`),
      bytes(one.sealed),
      bytes(one.tag),
    )
  else
    try {
      const oaep = { padding: crypto.constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from(`lifeboat/1 key|${backupId}`) }
      opened = crypto.privateDecrypt({ key: key.pem, ...oaep }, bytes(one.sealed))
    } catch {
      throw damaged('the object "key" was changed: it does not authenticate')
    }
  if (opened.length !== 32) throw damaged('the object "key" holds no key of 32 bytes')
  return opened
}

/** Who may have signed the manifest: whom you name, else whom the key object vouches for, else the master key itself; null: nobody is known. */
function signersOf(backup, key, options) {
  if (options['public-key']) {
    const pems = fs.readFileSync(options['public-key'], 'utf8').match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g)
    if (!pems) throw new Problem(2, `${options['public-key']} holds no public key in PEM.`)
    return pems.map((pem) => crypto.createPublicKey(pem))
  }
  if (!backup.vouches) return key.signing ? [key.signing] : null
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(backup.vouches.signer, 'base64')])
  return [crypto.createPublicKey({ key: der, format: 'der', type: 'spki' })]
}

/** Opens key and manifest. Everything in the manifest is data: no path, command or address is taken from it. */
async function openBackup(directory, key, options) {
  if (!fs.existsSync(directory)) throw new Problem(2, `There is no directory ${directory}.`)
  const backup = openBackupKey(directory, key)
  const file = path.join(directory, 'manifest')
  if (!fs.existsSync(file)) throw damaged('There is no manifest: this backup was never finished, or was deleted, or the download is incomplete.')
  const raw = await collect(openObject(file, backup, 0, null), 512 << 20).catch((error) => {
    throw error instanceof Problem ? damaged(`The manifest is refused: ${error.message}.`) : error
  })
  const end = raw.indexOf(10)
  const document = raw.subarray(end + 1)
  const signature = /^ed25519 ([A-Za-z0-9+/=]{88})$/.exec(raw.subarray(0, Math.max(0, end)).toString('latin1'))?.[1]
  if (!signature) throw damaged('The manifest has no signature line.')
  const signing = signersOf(backup, key, options)
  const signed = Buffer.concat([Buffer.from('lifeboat/1 manifest\n'), document])
  if (
    backup.vouches &&
    crypto
      .createHash('sha256')
      .update(readSmall(file, 64 << 20))
      .digest('hex') !== backup.vouches.manifestSha256
  )
    throw damaged('The manifest is not the one that was there when its key was sealed anew. Do not restore it.')
  if (signing && !signing.some((one) => crypto.verify(null, signed, one, Buffer.from(signature, 'base64'))))
    throw damaged('The manifest is not signed by the installation that you trust. Do not restore it.')
  const manifest = JSON.parse(document.toString('utf8'))
  if (manifest.format !== 'lifeboat/1') throw damaged(`The manifest has format ${manifest.format}; this script reads lifeboat/1. Use a newer one.`)
  if (manifest.backupId !== backup.id) throw damaged(`The manifest describes another backup, ${manifest.backupId}.`)
  for (const entry of manifest.entries) {
    const numbers = [entry.ordinal, entry.rawBytes, entry.storedBytes, entry.dumpId ?? 0]
    if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0) || entry.ordinal < 1)
      throw damaged('The manifest has an impossible entry.')
  }
  return {
    ...backup,
    directory,
    manifest,
    signature: signing ? 'checked' : 'signature not checked: no public key was given',
    trusted: signing !== null,
  }
}

const entryFile = (backup, entry) => path.join(backup.directory, `e${String(entry.ordinal).padStart(6, '0')}`)
const readEntry = (backup, entry) => openObject(entryFile(backup, entry), backup, entry.ordinal, entry)
const nameOf = (entry) => (entry.kind === 'table' ? `${JSON.stringify(entry.schema ?? '')}.${JSON.stringify(entry.table ?? '')}` : entry.kind)

function describe(backup) {
  const { manifest } = backup
  say(`Backup     ${manifest.name} (${manifest.backupId})`)
  say(`Database   ${JSON.stringify(manifest.database.dbname)} as it was at ${manifest.timings.snapshotAt}, PostgreSQL ${manifest.versions.server}`)
  say(
    `Holds      ${manifest.totals.tables} tables, ${manifest.totals.rows} rows, ${manifest.totals.rawBytes} bytes (${manifest.totals.storedBytes} stored)`,
  )
  say(`Signature  ${backup.signature}`)
  if (path.basename(manifest.path) !== path.basename(path.resolve(backup.directory)))
    say(`Note       it was written as ${manifest.path}; the directory has another name now`)
}

/** Reads every entry to its end. Returns the bad ones, in words. */
async function check(backup) {
  const bad = []
  let bytes = 0
  for (const entry of backup.manifest.entries) {
    try {
      for await (const piece of readEntry(backup, entry)) bytes += piece.length
    } catch (error) {
      if (error.code === 'ENOENT') bad.push(`${path.basename(entryFile(backup, entry))} (${nameOf(entry)}) is missing`)
      else if (error instanceof Problem || error.code === 'ELOOP')
        bad.push(`${path.basename(entryFile(backup, entry))} (${nameOf(entry)}): ${error.message}`)
      else throw error
    }
  }
  return { bad, bytes }
}

async function checkOrStop(backup) {
  const { bad, bytes } = await check(backup)
  if (bad.length > 0) throw damaged(`${bad.length} of ${backup.manifest.entries.length} entries cannot be used:\n  ${bad.join('\n  ')}`)
  say(`Checked    all ${backup.manifest.entries.length} entries are whole and authentic (${bytes} bytes)`)
}

// ---------------------------------------------------------------- the archive that pg_restore reads

/** The data files that a toc.dat (versions 1.14 to 1.16) names, in the order in which pg_restore asks for them. */
function dataFiles(toc) {
  if (toc.toString('latin1', 0, 5) !== 'PGDMP') throw damaged('the table of contents does not begin as one')
  const minor = toc[6]
  const size = toc[8]
  if (toc[5] !== 1 || minor < 14 || minor > 16 || (size !== 4 && size !== 8))
    throw damaged(`archive version ${toc[5]}.${minor} is not known to this script`)
  let at = 11
  const int = () => {
    if (at + 1 + size > toc.length) throw damaged('the table of contents ends too early')
    let value = 0
    for (let i = size; i >= 1; i--) value = value * 256 + toc[at + i]
    if (toc[at] !== 0) value = -value
    at += 1 + size
    return value
  }
  const text = () => {
    const length = int()
    if (length < 0) return null
    at += length
    if (at > toc.length) throw damaged('the table of contents ends too early')
    return toc.toString('latin1', at - length, at)
  }
  if (minor >= 15) at += 1
  else int()
  for (let i = 0; i < 7; i++) int()
  for (let i = 0; i < 3; i++) text()
  const files = []
  for (let count = int(); count > 0; count--) {
    const dumpId = int()
    int()
    text()
    text()
    const tag = text()
    const kind = text()
    int()
    for (let i = 0; i < 6; i++) text() // definition, drop, copy, schema, tablespace, access method
    if (minor >= 16) int()
    text()
    text()
    while (text() !== null);
    const file = text()
    if (!file) continue
    if (kind === 'BLOBS' ? !/^blobs(_\d+)?\.toc$/.test(file) : file !== `${dumpId}.dat`)
      throw damaged('a data file has a name that pg_dump does not give')
    files.push({ file, dumpId, lowestOid: kind === 'BLOBS' ? Number.parseInt(tag, 10) || 0 : null })
  }
  return files
}

/** The lists of large objects as they are numbered in the packed entry: by their lowest OID. */
const listsOf = (files) => files.filter((one) => one.lowestOid !== null).sort((a, b) => a.lowestOid - b.lowestOid)

/** The packed large objects one by one: to which list each belongs, its OID, its length, and its bytes, which must be read before the next. */
async function* largeObjects(source) {
  const reader = new Reader(source)
  const wrong = () => damaged('the packed large objects are damaged')
  if ((await reader.read(6)).toString('latin1') !== 'LBLO1\n') throw wrong()
  for (let count = 0; ; count++) {
    const kind = (await reader.read(1)).toString('latin1')
    if (kind === 'E') {
      if (Number((await reader.read(8)).readBigUInt64BE()) !== count || !(await reader.atEnd())) throw wrong()
      return
    }
    if (kind !== 'O') throw wrong()
    const head = await reader.read(16)
    const length = Number(head.readBigUInt64BE(8))
    async function* bytes() {
      for (let left = length; left > 0; ) {
        const piece = await reader.read(Math.min(left, 1 << 20))
        left -= piece.length
        yield piece
      }
    }
    yield { list: head.readUInt32BE(0), oid: head.readUInt32BE(4), length, bytes: bytes() }
  }
}

/**
 * The files of the archive, each with its length and its authenticated bytes, in the order in which pg_restore reads a tar archive
 * from a pipe: the table of contents, then each data file as the table of contents names them; large objects before their list.
 */
async function* archiveFiles(backup) {
  const { entries } = backup.manifest
  const tocEntry = entries.find((entry) => entry.kind === 'toc')
  if (!tocEntry) throw damaged('The manifest names no table of contents.')
  const toc = await collect(readEntry(backup, tocEntry), 2 ** 31 - 1)
  yield { name: 'toc.dat', length: toc.length, bytes: [toc] }
  const tables = new Map(entries.filter((entry) => entry.kind === 'table').map((entry) => [entry.dumpId, entry]))
  const packed = entries.find((entry) => entry.kind === 'large_objects')
  const files = dataFiles(toc)
  const lists = listsOf(files)
  for (const file of files) {
    if (file.lowestOid === null) {
      const entry = tables.get(file.dumpId)
      if (!entry) throw damaged(`the backup has no data for ${file.file}`)
      yield { name: file.file, length: entry.rawBytes, bytes: readEntry(backup, entry) }
      continue
    }
    if (!packed) throw damaged('the backup has no large objects, but its table of contents names some')
    const lines = []
    for await (const object of largeObjects(readEntry(backup, packed))) {
      if (lists[object.list] !== file) {
        for await (const _skipped of object.bytes);
        continue
      }
      lines.push(`${object.oid} blob_${object.oid}.dat\n`)
      yield { name: `blob_${object.oid}.dat`, length: object.length, bytes: object.bytes }
    }
    const list = Buffer.from(lines.join(''))
    yield { name: file.file, length: list.length, bytes: [list] }
  }
}

/** One 512-byte header of a tar archive (ustar); sizes of 8 GiB and more in base 256, as pg_restore reads them. */
function tarHeader(name, length) {
  const head = Buffer.alloc(512)
  head.write(name, 0, 'latin1')
  head.write('0000600\x000000000\x000000000\x00', 100, 'latin1')
  if (length < 2 ** 33) head.write(`${length.toString(8).padStart(11, '0')} `, 124, 'latin1')
  else {
    head[124] = 0x80
    head.writeBigUInt64BE(BigInt(length), 128)
  }
  head.write('00000000000 ', 136, 'latin1')
  head.write('        0', 148, 'latin1')
  head.write('ustar\x0000', 257, 'latin1')
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\x00 `, 148, 'latin1')
  return head
}

/**
 * The archive without its end, which goes to `onEnd`: pg_restore stops reading when it has what it needs, and may be gone by then.
 * For the same reason a list of large objects is empty: pg_restore takes the objects by their names, and the list's header only ends them.
 */
async function* tar(files, onEnd) {
  let padding = 0
  for await (const { name, length, bytes } of files) {
    if (padding > 0) yield Buffer.alloc(padding)
    const isList = name.startsWith('blobs')
    padding = isList ? 0 : (512 - (length % 512)) % 512
    yield tarHeader(name, isList ? 0 : length)
    if (isList) continue
    let sent = 0
    for await (const piece of bytes) {
      sent += piece.length
      yield piece
    }
    if (sent !== length) throw damaged(`${name} has another length than the manifest says`)
  }
  onEnd(Buffer.alloc(padding + 1024))
}

/** Many small pieces as few larger ones. */
async function* joined(pieces) {
  let parts = []
  let bytes = 0
  for await (const piece of pieces) {
    parts.push(piece)
    bytes += piece.length
    if (bytes < 1 << 16) continue
    yield parts.length === 1 ? piece : Buffer.concat(parts, bytes)
    parts = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(parts, bytes)
}

// ---------------------------------------------------------------- pg_restore

/** The lowest pg_restore that is not older than the pg_dump that wrote: a newer one sends settings that an older server does not know. */
function findPgRestore(manifest, given) {
  const wanted = Number(/(\d+)(\.\d+|devel|beta|rc)/.exec(manifest.versions.tool)?.[1] ?? Math.floor(manifest.versions.serverNum / 10000))
  const places = given
    ? [given]
    : (process.env.PATH ?? '')
        .split(':')
        .filter(Boolean)
        .map((directory) => path.join(directory, 'pg_restore'))
  if (!given)
    try {
      for (const major of fs.readdirSync('/usr/lib/postgresql')) places.push(`/usr/lib/postgresql/${major}/bin/pg_restore`)
    } catch {} // not Debian
  const found = []
  for (const place of places) {
    if (!fs.existsSync(place)) continue
    const { stdout } = spawnSync(place, ['--version'], { encoding: 'utf8', env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' } })
    const version = /(\d+)(\.\d+)?/.exec(stdout ?? '')
    if (version) found.push({ place, major: Number(version[1]), version: version[0] })
  }
  const fit = found.filter((tool) => tool.major >= wanted).sort((a, b) => a.major - b.major)[0]
  if (fit) return fit
  const seen = found.length > 0 ? `found only ${found.map((tool) => `${tool.place} (${tool.version})`).join(', ')}` : 'found none'
  throw new Problem(
    1,
    `pg_restore ${wanted} or later is needed, and this machine has none: ${seen}.\nInstall the package postgresql-client-${wanted}, or give --pg-restore PATH.`,
  )
}

/** The child's environment: libpq's variables of the caller, the target, and nothing else; never the key. */
function childEnv(options, manifest) {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: process.env.HOME ?? '/', LC_ALL: 'C', PGAPPNAME: 'lifeboat-rescue' }
  for (const [name, value] of Object.entries(process.env)) if (/^PG[A-Z]+$/.test(name)) env[name] = value
  if (options.host) env.PGHOST = options.host
  if (options.port) env.PGPORT = options.port
  if (options.user) env.PGUSER = options.user
  // what COPY text depends on and the archive does not set itself
  const set = ['TimeZone', 'bytea_output', 'lc_monetary'].filter((name) => typeof manifest.settings?.[name] === 'string')
  env.PGOPTIONS = [process.env.PGOPTIONS ?? '', ...set.map((name) => `-c ${name}=${manifest.settings[name].replaceAll(/[\\\s]/g, (c) => `\\${c}`)}`)]
    .join(' ')
    .trim()
  return env
}

const quoted = (name) => `dbname='${name.replaceAll(/['\\]/g, (c) => `\\${c}`)}'`

function createDatabase(options, manifest, pgRestore, env) {
  const createdb = path.join(path.dirname(fs.realpathSync(pgRestore.place)), 'createdb')
  const tool = fs.existsSync(createdb) ? createdb : path.join(path.dirname(pgRestore.place), 'createdb')
  if (!fs.existsSync(tool))
    throw new Problem(1, `There is no createdb beside ${pgRestore.place}. Make an empty database yourself, then add --existing.`)
  const { settings } = manifest
  const shape = [`--encoding=${settings.server_encoding}`, `--lc-collate=${settings.lc_collate}`, `--lc-ctype=${settings.lc_ctype}`]
  const plain = { ...env, PGOPTIONS: process.env.PGOPTIONS ?? '' }
  const made = spawnSync(tool, ['--no-password', '--template=template0', ...shape, '--', options.into], { encoding: 'utf8', env: plain })
  if (made.status !== 0)
    throw new Problem(
      1,
      `The database was not made, and nothing was restored:\n  ${made.stderr.trim()}\nWhere the locale is the reason, make an empty database yourself, then add --existing.`,
    )
  say(`Made       database ${JSON.stringify(options.into)}`)
}

/**
 * Feeds pg_restore a tar archive through its standard input, so that no plaintext touches a disk. (Patched pg_restore reads a directory's files
 * only when they are regular files: named pipes are refused.) On any error pg_restore is killed before the pipe ends, or it might see a clean end.
 */
async function feed(backup, options, pgRestore, env, onChild) {
  const switches = ['no-owner', 'no-privileges'].filter((name) => options[name]).map((name) => `--${name}`)
  // an existing database stays as it was when anything fails; a new one is simply dropped
  const whole = options.existing ? ['--single-transaction'] : []
  const args = ['--format=tar', '--exit-on-error', '--no-password', ...whole, ...switches, `--dbname=${quoted(options.into)}`]
  const child = spawn(pgRestore.place, args, { env, stdio: ['pipe', 'ignore', 'pipe'] })
  onChild(() => child.kill('SIGKILL'))
  let said = ''
  let ended = false
  child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-8000)))
  child.stdin.on('error', () => {}) // the write that failed says so
  const exit = new Promise((resolve) => {
    child.on('error', (error) => {
      said += error.message
      resolve(-1)
    })
    child.on('close', resolve)
  }).finally(() => (ended = true))
  let failure = null
  try {
    const write = (piece) => new Promise((resolve, reject) => child.stdin.write(piece, (error) => (error ? reject(error) : resolve())))
    let end = Buffer.alloc(0)
    for await (const piece of joined(tar(archiveFiles(backup), (last) => (end = last)))) await write(piece)
    // whether this is still read or not: how it went, pg_restore says by its exit
    await write(end).catch(() => {})
    child.stdin.end()
  } catch (error) {
    failure = error
    // a pg_restore that went away says itself why
    if (!(error instanceof Problem)) for (let i = 0; i < 500 && !ended; i++) await sleep(20)
    if (!ended) child.kill('SIGKILL')
  }
  const code = await exit
  const name = JSON.stringify(options.into)
  const state = options.existing
    ? `The database ${name} is as it was before: all was one transaction. The backup is untouched.`
    : `The database ${name} is incomplete: drop it before you try again. The backup is untouched.`
  if (failure instanceof Problem) throw new Problem(failure.exit, `The restore stopped: ${failure.message}\n${state}`)
  if (code !== 0) throw new Problem(1, `pg_restore ended with ${code ?? 'a signal'}:\n${said.trim()}\n${state}${adviceOn(said)}`)
  if (failure) throw new Problem(1, `pg_restore did not read the archive to its end: ${failure.message}\n${state}`)
}

function adviceOn(said) {
  if (/max_locks_per_transaction/.test(said))
    return '\nRaise max_locks_per_transaction on the server, or restore into a new database (without --existing).'
  if (/already exists/.test(said)) return '\nThe database is not empty. Choose an empty or a new one.'
  if (/role "[^\n]*" does not exist/.test(said)) return '\nMake the role (CREATE ROLE … NOLOGIN), or add --no-owner --no-privileges.'
  if (/extension "[^\n]*" is not available|extension control file/.test(said)) return '\nInstall the extension’s package on the server.'
  return ''
}

// ---------------------------------------------------------------- the commands

async function list(directory, options) {
  const key = options['key-file'] || process.env.LIFEBOAT_KEY ? readKey(options) : null
  const found = []
  const look = (at, depth) => {
    const names = fs.readdirSync(at, { withFileTypes: true })
    const isBackup = names.some((name) => name.isFile() && (name.name === 'manifest' || /^e\d{6,7}$/.test(name.name)))
    if (isBackup) found.push({ at, whole: names.some((name) => name.name === 'manifest') })
    else if (depth < 8) for (const name of names) if (name.isDirectory()) look(path.join(at, name.name), depth + 1)
  }
  look(directory, 0)
  for (const { at, whole } of found.sort((a, b) => (a.at < b.at ? -1 : 1))) {
    if (!whole) say(`${at}  no manifest: never finished, or not downloaded whole`)
    else if (!key) say(at)
    else
      await openBackup(at, key, options).then(
        ({ manifest }) =>
          say(
            `${at}  ${JSON.stringify(manifest.database.dbname)} at ${manifest.timings.snapshotAt}  ${manifest.totals.tables} tables, ${manifest.totals.rows} rows`,
          ),
        (error) => say(`${at}  cannot be opened: ${error.message}`),
      )
  }
  say(`${found.length} backups below ${directory}`)
}

async function verify(directory, options) {
  const backup = await openBackup(directory, readKey(options), options)
  describe(backup)
  await checkOrStop(backup)
}

async function extract(directory, options) {
  if (!options.to) throw new Problem(2, 'Say where to: --to DIR (a directory that does not exist yet).')
  const backup = await openBackup(directory, readKey(options), options)
  describe(backup)
  await checkOrStop(backup)
  fs.mkdirSync(options.to, { mode: 0o700 })
  for await (const { name, bytes } of archiveFiles(backup)) {
    const fd = fs.openSync(path.join(options.to, name), 'wx', 0o600)
    try {
      for await (const piece of bytes) fs.writeFileSync(fd, piece)
    } finally {
      fs.closeSync(fd)
    }
  }
  fs.writeFileSync(path.join(options.to, 'lifeboat-manifest.json'), JSON.stringify(backup.manifest, null, 2), { mode: 0o600 })
  const globals = backup.manifest.entries.find((entry) => entry.kind === 'globals')
  if (globals) fs.writeFileSync(path.join(options.to, 'lifeboat-globals.json'), await collect(readEntry(backup, globals), 64 << 20), { mode: 0o600 })
  say(`Extracted  into ${options.to}, in clear. Restore it with:  pg_restore -Fd --exit-on-error -d TARGET ${options.to}`)
}

async function restore(directory, options) {
  if (!options.into) throw new Problem(2, 'Say into which new database: --into NAME.')
  const backup = await openBackup(directory, readKey(options), options)
  describe(backup)
  const { manifest } = backup
  const pgRestore = findPgRestore(manifest, options['pg-restore'])
  if (manifest.needs?.extensions?.length)
    say(`Needs      extensions ${manifest.needs.extensions.map((one) => `${one.name} ${one.version}`).join(', ')} on the server`)
  if (manifest.needs?.roles?.length)
    say(`Needs      roles ${manifest.needs.roles.map((role) => JSON.stringify(role)).join(', ')} on the server, or --no-owner --no-privileges`)
  await checkOrStop(backup)
  const env = childEnv(options, manifest)
  let kill = () => {}
  const stop = (signal) => {
    kill()
    process.stderr.write(`Stopped by ${signal}. ${JSON.stringify(options.into)} is incomplete: drop it before you try again.\n`)
    process.exit(130)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop)
  if (!options.existing) createDatabase(options, manifest, pgRestore, env)
  say(`Restoring  with ${pgRestore.place} (${pgRestore.version})`)
  await feed(backup, options, pgRestore, env, (killIt) => (kill = killIt))
  say(
    `Restored   ${manifest.totals.tables} tables, ${manifest.totals.rows} rows into ${JSON.stringify(options.into)}. Run ANALYZE there, then look at your data before you use it.`,
  )
}

const commands = { list, verify, extract, restore }

async function main() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (!unzstd || major < 22 || (major === 22 && minor < 15)) throw new Problem(2, `Node 22.15 or later is needed; this is ${process.version}.`)
  let parsed
  try {
    const text = { type: 'string' }
    const flag = { type: 'boolean' }
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        'key-file': text,
        'public-key': text,
        into: text,
        to: text,
        host: text,
        port: text,
        user: text,
        'pg-restore': text,
        existing: flag,
        'no-owner': flag,
        'no-privileges': flag,
        help: flag,
      },
    })
  } catch (error) {
    throw new Problem(2, `${error.message}\n\n${usage}`)
  }
  const [command, directory, ...more] = parsed.positionals
  if (parsed.values.help || command === undefined) return say(usage)
  if (!Object.hasOwn(commands, command) || directory === undefined || more.length > 0) throw new Problem(2, usage)
  await commands[command](directory, parsed.values)
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  main().catch((error) => {
    process.stderr.write(`${error instanceof Problem ? error.message : (error.stack ?? error)}\n`)
    process.exitCode = error.exit ?? 1
  })
