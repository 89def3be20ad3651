'use client'

import { Problem } from '#components/ui/problem.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { useAskedOperation } from '#lib/client/operation-stream.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { OperationProgress } from './operation-progress.tsx'
import { useEnd } from './use-end.ts'

/** One operation, as it goes, inside a page about something else. */
export function LiveOperation({ id, onEnd }: { id: string; onEnd?: (operation: OperationDetail) => void }) {
  const { data, error } = useAskedOperation(id)
  useEnd(data, onEnd)
  if (data !== undefined) return <OperationProgress operation={data} />
  return error ? <Problem title={error.message} id={id} /> : <Skeleton className="h-12 w-full" />
}
