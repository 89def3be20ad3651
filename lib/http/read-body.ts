import { LifeboatError } from '#lib/domain/errors.ts'

const mostBytes = 1 << 20

/** The JSON body of a request; an empty one reads as {}. Only application/json: a form or text/plain could be sent across sites without asking. */
export async function readBody(request: Request): Promise<unknown> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    throw new LifeboatError('cross_origin', 'The body must be application/json.', 'Nothing was changed. Send the content type application/json.')
  }
  const text = await readText(request)
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new LifeboatError('usage', 'The body is not JSON.', 'Nothing was changed.')
  }
}

async function readText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > mostBytes) throw new LifeboatError('usage', 'The body is larger than 1 MiB.', 'Nothing was changed.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
