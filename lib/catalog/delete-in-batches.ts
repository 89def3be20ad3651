/** What goes at once: how many rows a statement takes away, and how many statements there are at most. */
export interface Batches {
  rows: number
  atMost: number
}

/**
 * A statement is given up after 30 s, and then nothing of it has happened: what is much goes in pieces, and what is too much for one run goes on in
 * the next. `remove` takes away so many rows at most and says how many these were. Returns how many went.
 */
export async function deleteInBatches({ rows, atMost }: Batches, remove: (limit: number) => Promise<number>): Promise<number> {
  let gone = 0
  for (let batch = 0; batch < atMost; batch += 1) {
    const count = await remove(rows)
    gone += count
    if (count < rows) break
  }
  return gone
}
