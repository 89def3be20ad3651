import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { crc32 } from 'node:zlib'

export type S3Operation =
  | 'PutObject'
  | 'GetObject'
  | 'HeadObject'
  | 'DeleteObject'
  | 'ListObjectsV2'
  | 'ListMultipartUploads'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListObjectVersions'
  | 'PutObjectLegalHold'
  | 'GetObjectLockConfiguration'
  | 'GetBucketVersioning'

/** What goes wrong. `status`: an S3 error; `okError`: status 200 with an <Error>; the rest as their names say. */
export type FaultAction =
  | { status: number; code: string; message?: string }
  | { okError: string }
  | { resetAfter: number }
  | { endAfter: number }
  | { loseReply: true }
  | { wrongChecksum: true }
  | { wrongEtag: true }
  | { tricklePerSecond: number }
  | { blackHole: true }
  | { replaceFirst: Buffer }

export interface Fault {
  operation: S3Operation
  /** the n-th call of the operation, from 1; default 1 */
  nth?: number
  /** how many calls from there on; default 1 */
  times?: number
  /** only requests that carry a header whose name matches */
  header?: RegExp
  action: FaultAction
}

interface FakeObject {
  bytes: Buffer
  etag: string
  modifiedAt: Date
  metadata: Record<string, string>
  versionId?: string
  lock?: FakeLock
  legalHold?: boolean
}

interface FakeLock {
  mode: string
  until: Date
}

interface FakeUpload {
  key: string
  metadata: Record<string, string>
  initiated: Date
  lock?: FakeLock | undefined
  parts: Map<number, { bytes: Buffer; etag: string }>
}

export interface S3Fake {
  endpoint: string
  objects: Map<string, FakeObject>
  uploads: Map<string, FakeUpload>
  /** with `versioning`: every version of a key by its id, also those that are not current */
  versions: Map<string, Map<string, FakeObject>>
  /** what keeps every deletion of a version away passes: retention dates are moved to the past */
  endLocks(): void
  calls: Record<S3Operation, number>
  requests: { operation: S3Operation; headers: IncomingMessage['headers']; query: URLSearchParams }[]
  fault(fault: Fault): void
  /** Throws when a fault was never hit: such a test proves nothing. */
  assertFaultsHit(): void
  clearFaults(): void
  close(): Promise<void>
}

/**
 * A scripted S3 store in memory, path style, any bucket, any credentials. Checks CRC32, SHA-256 and MD5 headers, conditions and part order as S3 does.
 * `objectLock`: a bucket that was created with it, which means versioning too; nobody may bypass governance.
 */
export async function startS3Fake(options: { versioning?: boolean; objectLock?: boolean } = {}): Promise<S3Fake> {
  const versioning = options.versioning ?? options.objectLock ?? false
  /** of each key the ids of versions and delete markers, oldest first */
  const order = new Map<string, string[]>()
  const versions: S3Fake['versions'] = new Map()
  const objects = new Map<string, FakeObject>()
  const uploads = new Map<string, FakeUpload>()
  const faults: (Fault & { hits: number; seen: number })[] = []
  const calls = {} as Record<S3Operation, number>
  const requests: S3Fake['requests'] = []
  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake')
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'))
    const query = url.searchParams
    const operation = operationOf(request.method ?? '', key, query)
    calls[operation] = (calls[operation] ?? 0) + 1
    requests.push({ operation, headers: request.headers, query })
    // every fault counts the call, also when another one is the first to strike
    const fault = faults.filter((each) => {
      if (each.operation !== operation) return false
      if (each.header && !Object.keys(request.headers).some((name) => each.header?.test(name))) return false
      each.seen += 1
      const nth = each.nth ?? 1
      return each.seen >= nth && each.seen < nth + (each.times ?? 1)
    })[0]
    if (fault) fault.hits += 1
    const action = fault?.action
    if (action && 'blackHole' in action) return // never read, never answered
    if (action && 'resetAfter' in action && operation !== 'GetObject') {
      for await (const chunk of request) if ((chunk as Buffer).length >= action.resetAfter) break
      request.socket.resetAndDestroy()
      return
    }
    const body = await readBody(request)
    if (action && 'status' in action) return refuse(response, action.status, action.code, action.message ?? action.code)
    if (action && 'okError' in action) {
      response.writeHead(200, { 'content-type': 'application/xml' })
      response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${action.okError}</Code><Message>made up</Message></Error>`)
      return
    }
    if (action && 'replaceFirst' in action) objects.set(key, makeObject(action.replaceFirst, {}))
    if (action && 'loseReply' in action) response.end = () => (request.socket.resetAndDestroy(), response)
    const problem = digestProblem(request, body)
    if (problem) return refuse(response, 400, problem, problem)
    serve({ operation, key, query, request, response, body, action })
  }

  function serve(call: {
    operation: S3Operation
    key: string
    query: URLSearchParams
    request: IncomingMessage
    response: ServerResponse
    body: Buffer
    action: FaultAction | undefined
  }): void {
    const { operation, key, query, request, response, body, action } = call
    const found = objects.get(key)
    switch (operation) {
      case 'PutObject': {
        if (request.headers['if-none-match'] === '*' && found) return refuse(response, 412, 'PreconditionFailed', 'exists')
        const lock = lockOf(request)
        if (lock !== undefined && !options.objectLock) return refuse(response, 400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration')
        if (lock !== undefined && !hasDigest(request)) return refuse(response, 400, 'InvalidRequest', 'Content-MD5 or a checksum is required')
        const made = { ...makeObject(body, metadataOf(request)), ...(lock === undefined ? {} : { lock }) }
        keep(key, made)
        response.writeHead(200, {
          etag: action && 'wrongEtag' in action ? '"0"' : made.etag,
          ...versionHeader(made),
          ...replyChecksum(request, action),
        })
        response.end()
        return
      }
      case 'CreateMultipartUpload': {
        const id = randomUUID()
        const lock = lockOf(request)
        if (lock !== undefined && !options.objectLock) return refuse(response, 400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration')
        uploads.set(id, { key, metadata: metadataOf(request), initiated: new Date(), parts: new Map(), lock })
        return xml(response, `<InitiateMultipartUploadResult><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
      }
      case 'UploadPart': {
        const open = uploads.get(query.get('uploadId') ?? '')
        if (!open) return refuse(response, 404, 'NoSuchUpload', 'no such upload')
        const etag = `"${createHash('md5').update(body).digest('hex')}"`
        open.parts.set(Number(query.get('partNumber')), { bytes: body, etag })
        response.writeHead(200, { etag, ...replyChecksum(request, action) })
        response.end()
        return
      }
      case 'CompleteMultipartUpload': {
        const id = query.get('uploadId') ?? ''
        const open = uploads.get(id)
        if (!open) return refuse(response, 404, 'NoSuchUpload', 'no such upload')
        if (request.headers['if-none-match'] === '*' && found) return refuse(response, 412, 'PreconditionFailed', 'exists')
        const wanted = [...body.toString().matchAll(/<Part>.*?<\/Part>/gs)].map((part) => ({
          number: Number(/<PartNumber>(\d+)</.exec(part[0])?.[1]),
          etag: /<ETag>(.*?)</.exec(part[0])?.[1]?.replaceAll('&quot;', '"'),
        }))
        const parts = wanted.map(({ number, etag }) => {
          const part = open.parts.get(number)
          return part && part.etag === etag ? part.bytes : null
        })
        if (parts.length === 0 || parts.some((part) => part === null) || wanted.some((part, index) => part.number !== index + 1))
          return refuse(response, 400, 'InvalidPart', 'a part is missing or another one')
        uploads.delete(id)
        const made = makeObject(Buffer.concat(parts.filter((part) => part !== null)), open.metadata)
        made.etag = `"${made.etag.slice(1, -1)}-${parts.length}"`
        if (open.lock !== undefined) made.lock = open.lock
        keep(open.key, made)
        return xml(response, `<CompleteMultipartUploadResult><Key>${open.key}</Key><ETag>${made.etag}</ETag></CompleteMultipartUploadResult>`)
      }
      case 'AbortMultipartUpload':
        if (!uploads.delete(query.get('uploadId') ?? '')) return refuse(response, 404, 'NoSuchUpload', 'no such upload')
        response.writeHead(204).end()
        return
      case 'DeleteObject':
        return deleteOne(response, key, query.get('versionId'))
      case 'PutObjectLegalHold': {
        if (!options.objectLock) return refuse(response, 400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration')
        if (!found) return refuse(response, 404, 'NoSuchKey', 'no such key')
        found.legalHold = /<Status>ON</.test(body.toString())
        response.writeHead(200).end()
        return
      }
      case 'GetBucketVersioning':
        return xml(response, `<VersioningConfiguration>${versioning ? '<Status>Enabled</Status>' : ''}</VersioningConfiguration>`)
      case 'GetObjectLockConfiguration':
        if (!options.objectLock) return refuse(response, 404, 'ObjectLockConfigurationNotFoundError', 'no lock')
        return xml(response, '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>')
      case 'ListObjectVersions': {
        const prefix = query.get('prefix') ?? ''
        const all = [...order].filter(([each]) => each.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1))
        const rows = all.flatMap(([each, ids]) =>
          ids.toReversed().map((id) => {
            const tag = versions.get(each)?.has(id) ? 'Version' : 'DeleteMarker'
            return { each, id, xml: `<${tag}><Key>${each}</Key><VersionId>${id}</VersionId></${tag}>` }
          }),
        )
        const marker = query.get('version-id-marker')
        const from = marker === null ? 0 : rows.findIndex((row) => row.id === marker) + 1
        const page = rows.slice(from, from + 2) // small pages, as above
        const last = page.at(-1)
        const more = from + page.length < rows.length && last !== undefined
        return xml(
          response,
          `<ListVersionsResult><IsTruncated>${more}</IsTruncated>${more ? `<NextKeyMarker>${last.each}</NextKeyMarker><NextVersionIdMarker>${last.id}</NextVersionIdMarker>` : ''}${page.map((row) => row.xml).join('')}</ListVersionsResult>`,
        )
      }
      case 'HeadObject':
      case 'GetObject': {
        const id = query.get('versionId')
        const wanted = id === null ? found : versions.get(key)?.get(id)
        if (!wanted) return refuse(response, 404, id === null ? 'NoSuchKey' : 'NoSuchVersion', 'no such key')
        return send(call, wanted)
      }
      case 'ListObjectsV2': {
        const prefix = query.get('prefix') ?? ''
        const from = query.get('continuation-token') ?? ''
        const keys = [...objects.keys()].filter((each) => each.startsWith(prefix) && each > from).sort()
        const page = keys.slice(0, 3) // small pages, so that paging is always exercised
        const contents = page.map((each) => {
          const object = objects.get(each)
          return `<Contents><Key>${each}</Key><Size>${object?.bytes.length}</Size><LastModified>${object?.modifiedAt.toISOString()}</LastModified></Contents>`
        })
        const more = keys.length > page.length
        return xml(
          response,
          `<ListBucketResult><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''}${contents.join('')}</ListBucketResult>`,
        )
      }
      case 'ListMultipartUploads': {
        // a store that ignores Prefix: the driver has to look for itself
        const open = [...uploads].map(
          ([id, upload]) =>
            `<Upload><Key>${upload.key}</Key><UploadId>${id}</UploadId><Initiated>${upload.initiated.toISOString()}</Initiated></Upload>`,
        )
        return xml(response, `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${open.join('')}</ListMultipartUploadsResult>`)
      }
    }
  }

  /** Makes an object the current one of its key. */
  function keep(key: string, made: FakeObject): void {
    objects.set(key, made)
    if (!versioning) return
    made.versionId = randomUUID()
    order.set(key, [...(order.get(key) ?? []), made.versionId])
    versions.set(key, (versions.get(key) ?? new Map<string, FakeObject>()).set(made.versionId, made))
  }

  /** Without a version id a delete only puts a marker in front; with one that version is gone, unless something locks it. */
  function deleteOne(response: ServerResponse, key: string, id: string | null): void {
    if (!versioning || id === null) {
      objects.delete(key)
      const marker = randomUUID()
      if (versioning) order.set(key, [...(order.get(key) ?? []), marker])
      response.writeHead(204, versioning ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker } : {}).end()
      return
    }
    const version = versions.get(key)?.get(id)
    if (version?.legalHold || (version?.lock && version.lock.until > new Date())) return refuse(response, 403, 'AccessDenied', 'Access Denied')
    versions.get(key)?.delete(id)
    const left = (order.get(key) ?? []).filter((each) => each !== id)
    if (left.length === 0) order.delete(key)
    else order.set(key, left)
    const current = versions.get(key)?.get(left.at(-1) ?? '')
    if (current) objects.set(key, current)
    else objects.delete(key)
    response.writeHead(204, { 'x-amz-version-id': id }).end()
  }

  function send(
    call: { operation: S3Operation; request: IncomingMessage; response: ServerResponse; action: FaultAction | undefined },
    found: FakeObject,
  ): void {
    const { request, response, action } = call
    const match = request.headers['if-match']
    if (match !== undefined && match !== found.etag) return refuse(response, 412, 'PreconditionFailed', 'another version')
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    if (request.headers.range && from >= found.bytes.length) return refuse(response, 416, 'InvalidRange', 'behind the end')
    const bytes = found.bytes.subarray(from)
    const metadata = Object.fromEntries(Object.entries(found.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]))
    response.writeHead(request.headers.range ? 206 : 200, {
      'content-length': bytes.length,
      etag: found.etag,
      ...versionHeader(found),
      ...lockHeaders(found),
      'last-modified': found.modifiedAt.toUTCString(),
      ...(request.headers.range ? { 'content-range': `bytes ${from}-${found.bytes.length - 1}/${found.bytes.length}` } : {}),
      ...metadata,
    })
    if (call.operation === 'HeadObject') {
      response.end()
      return
    }
    if (action && 'endAfter' in action) response.write(bytes.subarray(0, action.endAfter), () => request.socket.end())
    else if (action && 'resetAfter' in action) response.write(bytes.subarray(0, action.resetAfter), () => request.socket.resetAndDestroy())
    else if (action && 'tricklePerSecond' in action) void trickle(response, bytes, action.tricklePerSecond)
    else response.end(bytes)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    versions,
    uploads,
    calls,
    requests,
    fault: (fault) => void faults.push({ ...fault, hits: 0, seen: 0 }),
    endLocks() {
      for (const of of versions.values()) for (const object of of.values()) if (object.lock) object.lock.until = new Date(0)
    },
    clearFaults: () => void faults.splice(0),
    assertFaultsHit() {
      for (const fault of faults) if (fault.hits === 0) throw new Error(`the fault was never hit: ${JSON.stringify(fault)}`)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function operationOf(method: string, key: string, query: URLSearchParams): S3Operation {
  if (key === '' && query.has('versions')) return 'ListObjectVersions'
  if (key === '' && query.has('versioning')) return 'GetBucketVersioning'
  if (key === '' && query.has('object-lock')) return 'GetObjectLockConfiguration'
  if (query.has('legal-hold')) return 'PutObjectLegalHold'
  if (key === '') return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjectsV2'
  if (method === 'POST') return query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload'
  if (method === 'PUT') return query.has('uploadId') ? 'UploadPart' : 'PutObject'
  if (method === 'DELETE') return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject'
  return method === 'HEAD' ? 'HeadObject' : 'GetObject'
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function trickle(response: ServerResponse, bytes: Buffer, perSecond: number): Promise<void> {
  for (let at = 0; at < bytes.length && !response.destroyed; at += 1) {
    response.write(bytes.subarray(at, at + 1))
    await sleep(1000 / perSecond)
  }
  response.end()
}

function makeObject(bytes: Buffer, metadata: Record<string, string>): FakeObject {
  return { bytes, metadata, etag: `"${createHash('md5').update(bytes).digest('hex')}"`, modifiedAt: new Date() }
}

function versionHeader(object: FakeObject): Record<string, string> {
  return object.versionId === undefined ? {} : { 'x-amz-version-id': object.versionId }
}

function lockOf(request: IncomingMessage): FakeLock | undefined {
  const mode = request.headers['x-amz-object-lock-mode']
  const until = request.headers['x-amz-object-lock-retain-until-date']
  return mode === undefined || until === undefined ? undefined : { mode: String(mode), until: new Date(String(until)) }
}

function hasDigest(request: IncomingMessage): boolean {
  return Object.keys(request.headers).some((name) => name === 'content-md5' || name.startsWith('x-amz-checksum-'))
}

function lockHeaders({ lock, legalHold }: FakeObject): Record<string, string> {
  return {
    ...(lock ? { 'x-amz-object-lock-mode': lock.mode, 'x-amz-object-lock-retain-until-date': lock.until.toISOString() } : {}),
    ...(legalHold ? { 'x-amz-object-lock-legal-hold': 'ON' } : {}),
  }
}

function metadataOf(request: IncomingMessage): Record<string, string> {
  const pairs = Object.entries(request.headers).filter(([name]) => name.startsWith('x-amz-meta-'))
  return Object.fromEntries(pairs.map(([name, value]) => [name.slice('x-amz-meta-'.length), String(value)]))
}

function digestProblem(request: IncomingMessage, body: Buffer): string | null {
  const crc = request.headers['x-amz-checksum-crc32']
  const md5 = request.headers['content-md5']
  if (crc !== undefined) {
    const own = Buffer.alloc(4)
    own.writeUInt32BE(crc32(body))
    if (own.toString('base64') !== crc) return 'XAmzContentChecksumMismatch'
  }
  if (md5 !== undefined && createHash('md5').update(body).digest('base64') !== md5) return 'BadDigest'
  return null
}

function replyChecksum(request: IncomingMessage, action: FaultAction | undefined): Record<string, string> {
  const crc = request.headers['x-amz-checksum-crc32']
  if (crc === undefined) return {}
  return { 'x-amz-checksum-crc32': action && 'wrongChecksum' in action ? 'AAAAAA==' : String(crc) }
}

function xml(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0" encoding="UTF-8"?>${body}`)
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`)
}
