import NextLink from 'next/link'
import type { ReactNode } from 'react'
import { classes } from './classes.ts'

/**
 * A link. `quiet`: looks like the text around it until hovered (names in tables).
 * `stretched`: covers its whole positioned parent (a row or card); give other controls in there the class `above`.
 */
export function Link({
  href,
  children,
  quiet,
  stretched,
  className,
  label,
}: {
  href: string
  children: ReactNode
  quiet?: boolean
  stretched?: boolean
  className?: string
  /** a name where the text alone does not say where it leads */
  label?: string
}) {
  return (
    <NextLink
      href={href}
      aria-label={label}
      className={classes(
        quiet
          ? 'font-semibold text-ink hover:underline'
          : 'font-[550] text-accent underline decoration-transparent underline-offset-2 hover:decoration-current',
        quiet && '[overflow-wrap:anywhere]',
        stretched && 'stretched',
        className,
      )}
    >
      {children}
    </NextLink>
  )
}
