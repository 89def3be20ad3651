import { lookup } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { addressKind, hostForm, refusalOf } from '#lib/domain/addresses.ts'
import { LifeboatError } from '#lib/domain/errors.ts'

/** For everything that would resolve a name by itself: it gets what was checked, whatever the name resolves to by now. */
export function onlyThese(addresses: LookupAddress[]): LookupFunction {
  return (_host, options, done) => {
    const first = addresses[0]
    if (options.all === true || first === undefined) done(null, addresses)
    else done(null, first.address, first.family)
  }
}

/**
 * Resolves for a connection that is about to be made to a database or a storage, and looks at every address before any is connected to: what is
 * looked at and what is connected to are one answer. Private networks are where these live, and an admin registered them: decision 033.
 */
export const checkedLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, [])
    const refusal = refusalAmong(addresses)
    if (refusal !== null) return done(refusal, [])
    onlyThese(addresses)(host, options, done)
  })
}

/** Throws `refused` for an address, written as one in whatever form, that is never connected to. Names are looked at when they are resolved. */
export function assertLiteralAllowed(host: string): void {
  const form = hostForm(host)
  if (form.form === 'refused') {
    throw new LifeboatError('refused', 'The host is neither a name nor an address in its usual form.', 'Nothing was contacted.')
  }
  const refusal = form.form === 'address' ? refusalAmong([{ address: form.address }]) : null
  if (refusal !== null) throw refusal
}

function refusalAmong(addresses: readonly { address: string }[]): LifeboatError | null {
  for (const { address } of addresses) {
    const words = refusalOf(addressKind(address) ?? 'never', true)
    if (words !== null) return new LifeboatError('refused', words, 'Nothing was contacted. Use the address of the server itself.')
  }
  return null
}
