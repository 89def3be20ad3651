import clsx, { type ClassValue } from 'clsx'

/** Joins class names; falsy ones are left out. */
export function classes(...values: ClassValue[]): string {
  return clsx(values)
}
