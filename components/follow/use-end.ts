'use client'

import { useEffect, useRef } from 'react'
import { isFinished } from '#lib/domain/states.ts'
import type { OperationDetail } from '#lib/domain/views.ts'

/** Calls `onEnd` once, when the operation has ended. */
export function useEnd(operation: OperationDetail | undefined, onEnd: ((operation: OperationDetail) => void) | undefined): void {
  const told = useRef<string | null>(null)
  useEffect(() => {
    if (operation === undefined || told.current === operation.id || !isFinished(operation.state)) return
    told.current = operation.id
    onEnd?.(operation)
  }, [operation, onEnd])
}
