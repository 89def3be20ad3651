import { notFound } from 'next/navigation'
import { LifeboatError } from '#lib/domain/errors.ts'

/** Waits for a read of a page; what the person may not see is not found, and the page answers 404. Other errors pass on. */
export async function found<T>(read: Promise<T>): Promise<T> {
  try {
    return await read
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'not_found') notFound()
    throw error
  }
}
