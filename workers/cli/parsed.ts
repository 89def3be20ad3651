import { LifeboatError } from '#lib/domain/errors.ts'

interface Issue {
  path: PropertyKey[]
  message: string
}

/** What was typed, checked by the schema that the console's answers are checked by. Throws `usage` with what is wrong with which of it. */
export function parsed<T>(
  schema: { safeParse(input: unknown): { success: true; data: T } | { success: false; error: { issues: Issue[] } } },
  input: unknown,
): T {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const words = result.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
  throw new LifeboatError('usage', words.join(' '), 'Nothing was changed.')
}
