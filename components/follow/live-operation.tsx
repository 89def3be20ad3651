'use client'

import { Problem } from '#components/ui/problem.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { useOperation } from '#lib/client/operation-stream.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { OperationProgress } from './operation-progress.tsx'
import { useEnd } from './use-end.ts'

/**
 * One operation, live, inside another page. Each one on a page holds a connection of the browser (six to an origin over HTTP/1.1),
 * so a page shows few of them at once, and never the same one twice.
 */
export function LiveOperation({ id, onEnd }: { id: string; onEnd?: (operation: OperationDetail) => void }) {
  const { data, liveness, error } = useOperation(id)
  useEnd(data, onEnd)
  if (data !== undefined) return <OperationProgress operation={data} polling={liveness === 'polling'} />
  return error ? <Problem title={error.message} id={id} /> : <Skeleton className="h-12 w-full" />
}
