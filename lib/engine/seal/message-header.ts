import { LifeboatError } from '#lib/domain/errors.ts'
import type { ByteReader } from './byte-reader.ts'

/** The encryption context: in clear in the object, authenticated with it. */
export type MessageContext = Record<string, string>

const maximumFieldBytes = 4096

/** Reads the fields of a message's header and keeps what it read: the header is authenticated as a whole. */
export function fieldReader(reader: ByteReader) {
  const consumed: Buffer[] = []
  const bytes = async (count: number) => {
    if (count > maximumFieldBytes) throw new LifeboatError('corrupt', 'A field of the sealed object is longer than it can be.')
    const read = await reader.read(count)
    consumed.push(read)
    return read
  }
  const uint8 = async () => (await bytes(1)).readUInt8()
  const uint16 = async () => (await bytes(2)).readUInt16BE()
  const field = async () => bytes(await uint16())
  return {
    bytes,
    uint8,
    uint16,
    uint32: async () => (await bytes(4)).readUInt32BE(),
    consumed: () => Buffer.concat(consumed),
    async context(): Promise<MessageContext> {
      const length = await uint16()
      const context: MessageContext = Object.create(null)
      if (length === 0) return context
      const count = await uint16()
      for (let i = 0; i < count; i++) context[(await field()).toString('utf8')] = (await field()).toString('utf8')
      return context
    },
    async wrappedKey(): Promise<{ name: string; info: Buffer; sealed: Buffer }> {
      if ((await uint16()) !== 1) throw new LifeboatError('corrupt', 'The sealed object has more than one wrapped key.')
      return { name: (await field()).toString('utf8'), info: await field(), sealed: await field() }
    },
  }
}

/** As the SDK feeds it to the raw AES wrapping: count, then pairs sorted by the bytes of their names. */
export function serializeContext(context: MessageContext): Buffer {
  const names = Object.keys(context).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const sized = (text: string) => {
    const bytes = Buffer.from(text)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  const count = Buffer.alloc(2)
  count.writeUInt16BE(names.length)
  return Buffer.concat([count, ...names.flatMap((name) => [sized(name), sized(context[name] ?? '')])])
}
