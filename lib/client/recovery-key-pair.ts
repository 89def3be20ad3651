/** The halves of a recovery key as PEM; the id and check code as the server and the rescue script compute them. */
export interface RecoveryKeyPair {
  publicPem: string
  /** PKCS #8; shown once, never sent, never stored */
  privatePem: string
  /** SHA-256 in hex of the private PEM */
  checkSha256: string
  /** 16 hex digits: the beginning of SHA-256 over the public half's DER form */
  keyId: string
}

/** Made in this browser (docs/decisions/005): the private half never touches the network. Needs a secure context. */
export async function makeRecoveryKeyPair(): Promise<RecoveryKeyPair> {
  if (!globalThis.isSecureContext || globalThis.crypto?.subtle === undefined) throw new Error('insecure_context')
  const pair = await crypto.subtle.generateKey(
    { name: 'RSA-OAEP', modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['encrypt', 'decrypt'],
  )
  const spki = await crypto.subtle.exportKey('spki', pair.publicKey)
  const privatePem = pemOf('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', pair.privateKey))
  return {
    publicPem: pemOf('PUBLIC KEY', spki),
    privatePem,
    checkSha256: await sha256(new TextEncoder().encode(privatePem)),
    keyId: (await sha256(spki)).slice(0, 16),
  }
}

function pemOf(label: string, der: ArrayBuffer): string {
  const text = btoa(Array.from(new Uint8Array(der), (byte) => String.fromCharCode(byte)).join(''))
  const lines = text.match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

async function sha256(bytes: BufferSource): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
