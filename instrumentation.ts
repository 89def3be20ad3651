/** Next calls this once when the server starts. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { notePeerAddresses } = await import('#lib/http/peer-address.ts')
  notePeerAddresses()
  if (process.env.NEXT_PHASE === 'phase-production-build') return
  const [{ watchFromWeb }, { sessionSecret }] = await Promise.all([import('#lib/watch/web.ts'), import('#lib/auth/session-secret.ts')])
  watchFromWeb(sessionSecret)
}
