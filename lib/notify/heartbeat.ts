import { guardedRequest } from './guarded-request.ts'
import { sentByHttp } from './http-answer.ts'
import type { Sent } from './sent.ts'

/** One GET, as the services that watch others ask for. `host` stands for the address, which is a secret. */
export async function sendHeartbeat(
  url: string,
  { host, privateAllowed, signal }: { host: string; privateAllowed: boolean; signal?: AbortSignal },
): Promise<Sent> {
  const headers = { 'user-agent': 'Lifeboat' }
  return sentByHttp(await guardedRequest({ url, method: 'GET', headers, privateAllowed, ...(signal === undefined ? {} : { signal }) }), host)
}
