/** Next calls this once when the server starts. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { notePeerAddresses } = await import('#lib/http/peer-address.ts')
  notePeerAddresses()
  if (process.env.NEXT_PHASE === 'phase-production-build') return
  const [{ watchFromWeb }, { sessionSecret }, { log }] = await Promise.all([
    import('#lib/watch/web.ts'),
    import('#lib/auth/session-secret.ts'),
    import('#lib/log.ts'),
  ])
  try {
    watchFromWeb(sessionSecret)
  } catch (error) {
    // without a catalogue every page says so; the console is up all the same
    log.warn('the web cannot watch', { reason: error instanceof Error ? error.message : String(error) })
  }
}
