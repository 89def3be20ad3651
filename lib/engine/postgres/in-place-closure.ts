import type { Address, Dependency } from './in-place-live.ts'

export interface Closure {
  /** everything that goes: what was named, what goes along with it, what depends on it, and what goes along with that */
  gone: ReadonlySet<Address>
  /** of those, what goes along with what was named: an index, a trigger, a partition */
  attached: ReadonlySet<Address>
  /** of those, what the server would not drop along: each stands in the way of a drop without CASCADE, or must be dropped before */
  dependents: ReadonlySet<Address>
}

/** Edges by what they lead to, and what each object is an inseparable part of. */
export class Dependencies {
  readonly #to = new Map<Address, Dependency[]>()
  readonly #part = new Map<Address, Address>()

  constructor(all: readonly Dependency[]) {
    for (const one of all) {
      const there = this.#to.get(one.to)
      if (there === undefined) this.#to.set(one.to, [one])
      else there.push(one)
      if (one.type === 'i') this.#part.set(one.from, one.to)
    }
  }

  /**
   * What goes when `dropped` is dropped. Without CASCADE the server drops along what depends automatically or internally (an index, a trigger,
   * a column's default, a partition) and refuses for the rest (a view, another table's foreign key): those are the dependents.
   */
  closure(dropped: Iterable<Address>): Closure {
    const gone = new Set<Address>()
    const dependents = new Set<Address>()
    const named = new Set(dropped)
    let wave = [...named]
    let attached: ReadonlySet<Address> | null = null
    while (wave.length > 0) {
      // first everything that goes along: what depends on one of the dropped may be a part of another
      const added = this.#goAlong(wave, gone)
      attached ??= new Set(added.filter((address) => !named.has(address)))
      wave = []
      for (const address of added) {
        for (const { from, type } of this.#to.get(address) ?? []) {
          if (type !== 'n' && !this.#isPartOfOther(from, gone)) continue
          const whole = this.wholeOf(from)
          if (gone.has(from) || gone.has(whole) || dependents.has(whole)) continue
          dependents.add(whole)
          wave.push(whole)
        }
      }
    }
    return { gone, attached: attached ?? new Set(), dependents }
  }

  /** The object that one is an inseparable part of: the view of its rule, the table of its row type. Itself where there is none. */
  wholeOf(address: Address): Address {
    let whole = address
    for (let steps = 0; steps < 10; steps++) {
      const next = this.#part.get(whole)
      if (next === undefined) return whole
      whole = next
    }
    return whole
  }

  #goAlong(begun: readonly Address[], gone: Set<Address>): Address[] {
    const added: Address[] = []
    const queue = [...begun]
    for (let address = queue.pop(); address !== undefined; address = queue.pop()) {
      if (gone.has(address)) continue
      gone.add(address)
      added.push(address)
      for (const { from, type } of this.#to.get(address) ?? []) {
        if (type !== 'n' && !this.#isPartOfOther(from, gone)) queue.push(from)
      }
    }
    return added
  }

  /** An inseparable part of something that stays cannot go along. */
  #isPartOfOther(address: Address, gone: ReadonlySet<Address>): boolean {
    const part = this.#part.get(address)
    return part !== undefined && !gone.has(part)
  }
}
