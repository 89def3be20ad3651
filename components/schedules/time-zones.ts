/** Every zone that the browser knows, UTC first; `known` is one more that must be there because it is in use. */
export function timeZones(known: string): { value: string; label: string }[] {
  const names = new Set(['UTC', known, ...Intl.supportedValuesOf('timeZone')])
  return [...names].map((value) => ({ value, label: value.replaceAll('_', ' ') }))
}

/** The reader's own; `UTC` where the browser does not say. */
export function ownTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
}
