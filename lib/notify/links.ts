/**
 * An address that can be followed from outside, in a form in which no character can end a link or an attribute; null: there is none. A path needs
 * the console's own address.
 */
export function absolute(href: string | null, baseUrl: string | null): string | null {
  if (href === null) return null
  const full = href.startsWith('/') ? (baseUrl === null ? null : URL.parse(href, baseUrl)) : URL.parse(href)
  if (full === null || (full.protocol !== 'https:' && full.protocol !== 'http:')) return null
  return full.href.replaceAll('|', '%7C').replaceAll("'", '%27')
}
