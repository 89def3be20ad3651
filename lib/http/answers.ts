/** Answers that are more than 200 with a body; a handler returns one of these, a plain value, or undefined for 204. */
export function accepted(operationId: string, body: Record<string, unknown> = {}): Response {
  return json({ operationId, ...body }, 202, { location: `/api/v1/operations/${operationId}` })
}

export function created(location: string, body: unknown): Response {
  return json(body, 201, { location })
}

export function withCookies(body: unknown, cookies: string[], status = 200): Response {
  const response = body === undefined ? new Response(null, { status: 204 }) : json(body, status)
  for (const cookie of cookies) response.headers.append('set-cookie', cookie)
  return response
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })
}
