import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { PieceReader } from './piece-reader.ts'
import { objectHead, packMagic } from './large-objects.ts'

const maxObject = 4 * 2 ** 40
const pieceBytes = 1 << 20
const batchObjects = 500

/** A part of a packed large object; one without bytes has one empty part. */
export interface ObjectPiece {
  oid: number
  /** of the whole object */
  length: number
  offset: number
  piece: Buffer
}

/** The packed large objects by rising OID, larger ones in several pieces. Throws corrupt for anything but a whole pack. */
export async function* packedObjects(source: AsyncIterable<Buffer>): AsyncGenerator<ObjectPiece> {
  const reader = new PieceReader(source)
  try {
    if (!(await reader.take(packMagic.length)).equals(packMagic)) throw damaged()
    let count = 0
    let before = -1
    for (;;) {
      const kind = (await reader.take(1)).toString('latin1')
      if (kind === 'E') break
      if (kind !== 'O') throw damaged()
      const head = await reader.take(objectHead - 1)
      const oid = head.readUInt32BE(4)
      const length = Number(head.readBigUInt64BE(8))
      if (oid <= before || length > maxObject) throw damaged()
      before = oid
      if (length === 0) yield { oid, length, offset: 0, piece: Buffer.alloc(0) }
      for (let offset = 0; offset < length; offset += pieceBytes) {
        yield { oid, length, offset, piece: await reader.take(Math.min(pieceBytes, length - offset)) }
      }
      count++
    }
    if (Number((await reader.take(8)).readBigUInt64BE()) !== count || !(await reader.atEnd())) throw damaged()
  } finally {
    await reader.close()
  }
}

/**
 * Writes the packed large objects into the objects that the table of contents has already created, in batches of some hundred (one
 * round trip each); objects over 1 MiB by pieces. Their contents touch no disk. Returns their number; throws corrupt for anything but a whole pack.
 */
export async function loadLargeObjects(client: Client, source: AsyncIterable<Buffer>, onBytes: (count: number) => void): Promise<number> {
  const batch = new Batch(client, onBytes)
  let count = 0
  for await (const { oid, offset, piece } of packedObjects(source)) {
    if (offset === 0) count++
    if (piece.length > 0) await batch.add(oid, offset, piece)
  }
  await batch.flush()
  return count
}

class Batch {
  readonly #client: Client
  readonly #onBytes: (count: number) => void
  #oids: number[] = []
  #offsets: number[] = []
  #pieces: Buffer[] = []
  #bytes = 0

  constructor(client: Client, onBytes: (count: number) => void) {
    this.#client = client
    this.#onBytes = onBytes
  }

  async add(oid: number, offset: number, piece: Buffer): Promise<void> {
    this.#oids.push(oid)
    this.#offsets.push(offset)
    this.#pieces.push(piece)
    this.#bytes += piece.length
    if (this.#oids.length >= batchObjects || this.#bytes >= pieceBytes) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.#oids.length === 0) return
    const [oid, offset, piece, bytes] = [this.#oids, this.#offsets, this.#pieces, this.#bytes]
    this.#oids = []
    this.#offsets = []
    this.#pieces = []
    this.#bytes = 0
    // a single piece goes as a binary parameter; an array of them as hex, twice the size, which small ones can bear
    if (piece.length === 1) await this.#client.query('SELECT pg_catalog.lo_put($1::pg_catalog.oid, $2, $3)', [oid[0], offset[0], piece[0]])
    else {
      await this.#client.query(
        `SELECT pg_catalog.lo_put(o, f, d) FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int8[]),
           pg_catalog.unnest($3::pg_catalog.bytea[])) AS t(o, f, d)`,
        [oid, offset, piece],
      )
    }
    // once for all: whoever is told writes sentences of it
    this.#onBytes(bytes)
  }
}

function damaged(): LifeboatError {
  return new LifeboatError('corrupt', 'The packed large objects are damaged.', 'They were not restored whole. Use another copy or backup.')
}
