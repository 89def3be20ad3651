import { expect, test } from 'vitest'
import { importsOf, isTest, read, sourceFiles } from './modules.ts'

/** Whoever connects by a person's word resolves by lib/egress and connects to that: decision 033. */
const guarded = [
  'lib/engine/postgres/checked-socket.ts',
  'lib/engine/seal/kms.ts',
  'lib/engine/storage/certificate.ts',
  'lib/engine/storage/s3.ts',
  'lib/notify/checked-socket.ts',
  'lib/notify/guarded-request.ts',
]
/** They connect to this machine alone, or a browser to where it came from. */
const atHome = ['bin/test-browser.mjs', 'lib/client/api.ts', 'workers/embedded/ports.ts', 'workers/supervisor/announce.ts']

const sockets = /^(node:)?(net|tls|http|https|http2|dgram)$/
/** what these modules give that connects nowhere */
const connectsNowhere = new Set(['BlockList', 'isIP', 'createServer', 'getCACertificates', 'TLSSocket'])

/** Names of values that a file takes from the modules of sockets; `*` is the whole module. */
function socketNames(file: string): string[] {
  const text = read(file)
  const names: string[] = []
  for (const [, list = '', specifier = ''] of text.matchAll(/^import\s+([^'"]+?)\s+from\s+['"]([^'"]+)['"]/gm)) {
    if (!sockets.test(specifier) || list.startsWith('type ')) continue
    const [, inBraces] = /^\{([^}]*)\}$/.exec(list) ?? []
    if (inBraces === undefined) names.push('*')
    else for (const one of inBraces.split(',').map((part) => part.trim())) if (one !== '' && !one.startsWith('type ')) names.push(one)
  }
  const whole = importsOf(file).some((one) => sockets.test(one.specifier) && !one.typeOnly) && names.length === 0
  if (whole || /\b(require|import|getBuiltinModule)\(['"](node:)?(net|tls|http|https|http2|dgram)['"]/.test(text)) names.push('*')
  return names
}

function connects(file: string): boolean {
  const taken = socketNames(file).filter((name) => !connectsNowhere.has(name.replace(/ as .*/, '')))
  // a class of these modules may be instantiated or extended, which connects as well
  const made = /\bnew TLSSocket\(|\bextends TLSSocket\b/.test(read(file))
  return taken.length > 0 || made || /\bnew (S3Client|KMSClient|WebSocket)\(|(?<![.\w])fetch\(/.test(read(file))
}

test('nothing connects but what looks at the addresses first, and what stays on this machine', () => {
  const found = sourceFiles().filter((file) => !isTest(file) && !/^(bench|rescue)\//.test(file) && connects(file))
  expect(found.sort()).toEqual([...guarded, ...atHome].sort())
  for (const file of guarded) expect(read(file), file).toMatch(/\b(lookup: (checkedLookup|onlyThese\())/)
})

test('packages that connect by themselves are given a socket, an agent or an address that was checked', () => {
  const clients: Record<string, RegExp> = { '@aws-sdk/': /\bnew \w+Client\(/, nodemailer: /\bcreateTransport\(/ }
  const made = sourceFiles().filter((file) => {
    const packages = importsOf(file).filter((one) => !one.typeOnly && Object.keys(clients).some((name) => one.specifier.startsWith(name)))
    return !isTest(file) && packages.length > 0 && Object.values(clients).some((pattern) => pattern.test(read(file)))
  })
  expect(made.filter((file) => !/checkedLookup|connectChecked|sendmail/.test(read(file)))).toEqual([])
  expect(made).toContain('lib/engine/storage/s3.ts')
})
