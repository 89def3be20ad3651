'use client'

import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { isFinished } from '#lib/domain/states.ts'
import type { OperationDetail, OperationEvent, OperationView } from '#lib/domain/views.ts'
import { operationQuery } from './queries.ts'

/** live: events arrive by themselves; polling: the stream broke and the page asks every two seconds; ended: the operation is over. */
export type Liveness = 'live' | 'polling' | 'ended'

const eventsKept = 1000

/**
 * An operation that keeps itself up to date by Server-Sent Events. The browser reconnects with Last-Event-ID by itself, so no event is
 * lost or doubled; while there is no stream, the query polls.
 */
export function useOperation(id: string, initialData?: OperationDetail) {
  const queryClient = useQueryClient()
  const [streaming, setStreaming] = useState(false)
  const query = useQuery({
    ...operationQuery(id),
    ...(initialData === undefined ? {} : { initialData }),
    refetchInterval: ({ state }) => (state.data === undefined || isFinished(state.data.state) || streaming ? false : 2_000),
  })
  const ended = query.data !== undefined && isFinished(query.data.state)

  useEffect(() => {
    if (ended) return
    return follow(queryClient, id, setStreaming)
  }, [queryClient, id, ended])

  const liveness: Liveness = ended ? 'ended' : streaming ? 'live' : 'polling'
  return { ...query, liveness }
}

function follow(queryClient: QueryClient, id: string, setStreaming: (streaming: boolean) => void): () => void {
  const { queryKey } = operationQuery(id)
  const known = queryClient.getQueryData(queryKey)?.events.at(-1)?.id ?? 0
  const source = new EventSource(`/api/v1/operations/${id}/events?after=${known}`)
  source.onopen = () => setStreaming(true)
  source.onerror = () => setStreaming(false)
  source.addEventListener('log', (message: MessageEvent<string>) => {
    const event = JSON.parse(message.data) as OperationEvent
    queryClient.setQueryData(queryKey, (old) => (old === undefined ? old : { ...old, events: withEvent(old.events, event) }))
  })
  // the end is read whole, with its result: a state alone would show an end that has nothing to show
  const readEnd = () => {
    source.close()
    setStreaming(false)
    for (const noun of ['operations', 'backups', 'databases', 'storages', 'overview', 'reports'])
      void queryClient.invalidateQueries({ queryKey: [noun] })
  }
  source.addEventListener('state', (message: MessageEvent<string>) => {
    const operation = JSON.parse(message.data) as OperationView
    if (isFinished(operation.state)) return readEnd()
    queryClient.setQueryData(queryKey, (old) => (old === undefined ? old : { ...old, ...operation }))
  })
  source.addEventListener('end', readEnd)
  return () => source.close()
}

/** An event that is known already (a poll was faster than the stream) is not shown twice. */
export function withEvent(events: OperationEvent[], event: OperationEvent): OperationEvent[] {
  const last = events.at(-1)
  if (last !== undefined && event.id <= last.id) return events
  return [...events, event].slice(-eventsKept)
}
