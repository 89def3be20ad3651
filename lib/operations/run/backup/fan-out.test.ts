import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { fanOut, type Target } from './fan-out.ts'

const pieces = Array.from({ length: 40 }, (_, n) => Buffer.alloc(1 << 20, n))
const whole = Buffer.concat(pieces)
const options = { key: 'a/e000001', sizeHint: 0, signal: new AbortController().signal, stallMs: 200 }

describe('one stream to many storages', () => {
  it('gives every storage the same bytes', async () => {
    const [one, two] = [keeping('one'), keeping('two')]
    await fanOut(Readable.from(pieces), [one.target, two.target], options)
    expect(one.kept()?.equals(whole)).toBe(true)
    expect(two.kept()?.equals(whole)).toBe(true)
  })

  it('fails only the copy whose storage refuses, and goes on with the other', async () => {
    const good = keeping('good')
    const bad = target('bad', async (body) => {
      for await (const _ of body) break
      throw new LifeboatError('storage_refused', 'no permission')
    })
    await fanOut(Readable.from(pieces), [bad, good.target], options)
    expect(bad.problem?.code).toBe('storage_refused')
    expect(good.target.problem).toBeNull()
    expect(good.kept()?.equals(whole)).toBe(true)
  })

  it('fails the copy of a storage that takes no more bytes, and goes on with the other', async () => {
    const good = keeping('good')
    let aborted = false
    const stuck = target('stuck', async (_body, signal) => {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true
          reject(signal.reason as Error)
        })
      })
    })
    await fanOut(Readable.from(pieces), [stuck, good.target], options)
    expect(stuck.problem?.code).toBe('stalled')
    expect(aborted).toBe(true)
    expect(good.kept()?.equals(whole)).toBe(true)
  })

  it('throws the first problem when no storage is left', async () => {
    const bad = target('bad', async (body) => {
      for await (const _ of body) break
      throw new LifeboatError('disk_full', 'no room')
    })
    await expect(fanOut(Readable.from(pieces), [bad], options)).rejects.toMatchObject({ code: 'disk_full' })
  })

  it('aborts every storage when the source fails, so that no object becomes visible', async () => {
    const one = keeping('one')
    async function* broken(): AsyncGenerator<Buffer> {
      yield pieces[0] as Buffer
      throw new LifeboatError('tool_failed', 'pg_dump ended early')
    }
    await expect(fanOut(Readable.from(broken()), [one.target], options)).rejects.toMatchObject({ code: 'tool_failed' })
    expect(one.kept()).toBeNull()
  })

  it('does not write to a storage whose copy has failed before', async () => {
    const failed = keeping('failed')
    failed.target.problem = new LifeboatError('storage_absent', 'not mounted')
    const good = keeping('good')
    await fanOut(Readable.from(pieces), [failed.target, good.target], options)
    expect(failed.kept()).toBeNull()
    expect(good.kept()?.equals(whole)).toBe(true)
  })
})

function keeping(name: string): { target: Target; kept: () => Buffer | null } {
  let kept: Buffer | null = null
  return {
    target: target(name, async (body, signal) => {
      const bytes = await buffer(body)
      signal.throwIfAborted()
      kept = bytes
    }),
    kept: () => kept,
  }
}

/** Only `put` is called. */
function target(name: string, put: (body: Readable, signal: AbortSignal) => Promise<void>): Target {
  const driver = {
    async put(_key: string, body: Readable, how: { signal: AbortSignal }) {
      await put(body, how.signal)
      return { bytes: 0 }
    },
  }
  return { storageId: name, storageName: name, driver: driver as unknown as StorageDriver, problem: null, waits: false, versions: {} }
}
