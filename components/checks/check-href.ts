/** The page of one check with its history. */
export function checkHref({ kind, subject }: { kind: string; subject: string }): string {
  return `/checks/${encodeURIComponent(kind)}${subject === '' ? '' : `?${new URLSearchParams({ subject })}`}`
}
