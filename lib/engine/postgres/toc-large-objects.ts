import { hash } from 'node:crypto'
import type { TocEntry } from './toc.ts'

/** What all entries of one sort have in common; there are a handful of sorts, whatever the number of large objects. */
interface Sort {
  desc: string
  owner: string | null
  section: number
}

const digestBytes = 32
const tagBegin = 'LARGE OBJECT '
const noDependencies: readonly number[] = []

/**
 * The entries of a table of contents that stand for large objects: the object itself and its privileges, comment and labels. There may be a
 * million of them, so they are kept as four numbers each and the SHA-256 of what defines them, instead of as objects with texts (some 40 bytes
 * instead of 400). What defines the object itself says no more than its number, and is left out.
 */
export class LargeObjectEntries {
  readonly #sorts: Sort[] = []
  /** by desc and owner: looked up for each entry, so without making a key of them */
  readonly #known = new Map<string, Map<string | null, number[]>>()
  // arrays of numbers only, which V8 keeps unboxed
  readonly #sort: number[] = []
  readonly #oid: number[] = []
  readonly #dumpId: number[] = []
  /** place among the digests; -1: none */
  readonly #digest: number[] = []
  #digests = Buffer.alloc(0)
  #digestCount = 0

  get count(): number {
    return this.#oid.length
  }

  add(entry: TocEntry, oid: number): void {
    this.#sort.push(this.#sortOf(entry))
    this.#oid.push(oid)
    this.#dumpId.push(entry.dumpId)
    this.#digest.push(entry.defn === '' ? -1 : this.#keepDigest(entry.defn))
  }

  /** Dump ids of those that stand before the data (section 2), or of the others, in the archive's order. */
  *dumpIds(wanted: (section: number) => boolean): Generator<number> {
    const which = this.#sorts.map(({ section }) => wanted(section))
    for (const [index, dumpId] of this.#dumpId.entries()) if (which[this.#sort[index] ?? -1]) yield dumpId
  }

  /** By rising OID the entries of each object, with the digest of what defines them in its place: they compare as the texts do. */
  *objects(): Generator<{ oid: number; entries: TocEntry[] }> {
    const order = Uint32Array.from(this.#oid.keys())
    order.sort((a, b) => (this.#oid[a] ?? 0) - (this.#oid[b] ?? 0))
    let object: { oid: number; entries: TocEntry[] } | null = null
    for (const index of order) {
      const oid = this.#oid[index] ?? 0
      if (object !== null && object.oid !== oid) {
        yield object
        object = null
      }
      object ??= { oid, entries: [] }
      object.entries.push(this.#entry(index))
    }
    if (object !== null) yield object
  }

  #entry(index: number): TocEntry {
    const { desc, owner, section } = this.#sorts[this.#sort[index] ?? -1] ?? { desc: '', owner: null, section: 0 }
    const digest = this.#digest[index] ?? -1
    return {
      dumpId: this.#dumpId[index] ?? 0,
      desc,
      schema: null,
      tag: desc === 'BLOB' ? `${this.#oid[index]}` : `${tagBegin}${this.#oid[index]}`,
      owner,
      section,
      defn: digest < 0 ? '' : this.#digests.toString('base64', digest * digestBytes, (digest + 1) * digestBytes),
      copyStatement: null,
      dependencies: noDependencies,
      filename: null,
      viaPartitionRoot: false,
    }
  }

  #sortOf({ desc, owner, section }: TocEntry): number {
    const byOwner = this.#known.get(desc) ?? new Map<string | null, number[]>()
    if (byOwner.size === 0) this.#known.set(desc, byOwner)
    const bySection = byOwner.get(owner) ?? []
    if (bySection.length === 0) byOwner.set(owner, bySection)
    const known = bySection[section]
    if (known !== undefined) return known
    return (bySection[section] = this.#sorts.push({ desc, owner, section }) - 1)
  }

  #keepDigest(text: string): number {
    const at = this.#digestCount * digestBytes
    if (at + digestBytes > this.#digests.length) {
      const larger = Buffer.alloc(Math.max(1024 * digestBytes, 2 * at))
      this.#digests.copy(larger)
      this.#digests = larger
    }
    hash('sha256', text, 'buffer').copy(this.#digests, at)
    return this.#digestCount++
  }
}

/** The OID of the one large object that an entry is about; null: it is about something else, or about several (PostgreSQL 17 and later). */
export function largeObjectOf(entry: TocEntry): number | null {
  if (entry.schema !== null || entry.filename !== null || entry.copyStatement !== null) return null
  if (entry.section < 1 || entry.section > 4) return null
  const { desc, tag } = entry
  if (desc === 'BLOB') return oidIn(tag)
  if (desc !== 'ACL' && desc !== 'COMMENT' && desc !== 'SECURITY LABEL') return null
  return tag.startsWith(tagBegin) ? oidIn(tag.slice(tagBegin.length)) : null
}

function oidIn(digits: string): number | null {
  const oid = /^(0|[1-9]\d{0,9})$/.test(digits) ? Number(digits) : Number.NaN
  return oid < 2 ** 32 ? oid : null
}
