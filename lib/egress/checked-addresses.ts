import { lookup } from 'node:dns/promises'
import type { LookupAddress } from 'node:dns'
import { addressKind, hostForm, refusalOf } from '#lib/domain/addresses.ts'

export type CheckedAddresses = { ok: true; addresses: LookupAddress[] } | { ok: false; reason: string; permanent: boolean }

/**
 * Resolves a host and looks at every address that it has: one that is not allowed refuses them all, so a name cannot bring a forbidden address in
 * beside a public one. What is returned is what must be connected to; resolving again could say something else. FAULTS.md section 3, 23.
 */
export async function checkedAddresses(host: string, privateAllowed: boolean, resolve: Resolve = lookup): Promise<CheckedAddresses> {
  const form = hostForm(host)
  if (form.form === 'refused') return { ok: false, reason: 'The host is neither a name nor an address in its usual form.', permanent: true }
  const found = form.form === 'address' ? [toLookup(form.address)] : await named(form.name, resolve)
  if (found === null) return { ok: false, reason: 'The name of the host could not be resolved.', permanent: false }
  for (const { address } of found) {
    const kind = addressKind(address)
    const refusal = kind === null ? 'The host has an address that cannot be read.' : refusalOf(kind, privateAllowed)
    if (refusal !== null) return { ok: false, reason: refusal, permanent: true }
  }
  return { ok: true, addresses: found }
}

export type Resolve = (name: string, options: { all: true }) => Promise<LookupAddress[]>

async function named(name: string, resolve: Resolve): Promise<LookupAddress[] | null> {
  try {
    const found = await resolve(name, { all: true })
    return found.length === 0 ? null : found
  } catch {
    return null
  }
}

function toLookup(address: string): LookupAddress {
  return { address, family: address.includes(':') ? 6 : 4 }
}
