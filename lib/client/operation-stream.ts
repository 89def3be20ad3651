'use client'

import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { isFinished } from '#lib/domain/states.ts'
import type { OperationDetail, OperationEvent, OperationView } from '#lib/domain/views.ts'
import { operationQuery } from './queries.ts'

/** live: events arrive by themselves; polling: the stream broke and the page asks every two seconds; ended: the operation is over. */
export type Liveness = 'live' | 'polling' | 'ended'

const eventsKept = 1000
const askEveryMs = 2_000

/**
 * The operation that a page is about: it keeps itself up to date by Server-Sent Events. The browser reconnects with Last-Event-ID by
 * itself, so no event is lost or doubled; while there is no stream, the query polls.
 *
 * A stream holds one of the six connections that a browser grants an origin over HTTP/1.1, in all its tabs together. So only a page about
 * one operation opens one, and only while it is seen: a tab in the background asks instead, and its title still tells how it goes.
 */
export function useOperation(id: string, initialData?: OperationDetail) {
  const queryClient = useQueryClient()
  const seen = useSeen()
  const [streaming, setStreaming] = useState(false)
  const query = useQuery({
    ...operationQuery(id),
    ...(initialData === undefined ? {} : { initialData }),
    refetchInterval: ({ state }) => (isOver(state.data) || (streaming && seen) ? false : askEveryMs),
    refetchIntervalInBackground: true,
  })
  const ended = isOver(query.data)
  useEndRefresh(query.data, false)

  useEffect(() => {
    if (ended || !seen) return
    return follow(queryClient, id, setStreaming)
  }, [queryClient, id, ended, seen])

  const liveness: Liveness = ended ? 'ended' : streaming ? 'live' : 'polling'
  return { ...query, liveness }
}

/** One operation among others on a page, however many: it is asked for every two seconds, without a stream. */
export function useAskedOperation(id: string) {
  const query = useQuery({ ...operationQuery(id), refetchInterval: ({ state }) => (isOver(state.data) ? false : askEveryMs) })
  useEndRefresh(query.data, true)
  return query
}

function isOver(operation: OperationDetail | undefined): boolean {
  return operation !== undefined && isFinished(operation.state)
}

/**
 * Everything that an operation's end may change is read again, once, when it ends under the reader's eyes. `justStarted`: it was asked
 * for on this page, so its end is news even where it came before the first answer.
 */
function useEndRefresh(operation: OperationDetail | undefined, justStarted: boolean): void {
  const queryClient = useQueryClient()
  const open = useRef<string | null>(null)
  const told = useRef<string | null>(null)
  useEffect(() => {
    if (operation === undefined) return
    if (!isFinished(operation.state)) {
      open.current = operation.id
    } else if (told.current !== operation.id && (justStarted || open.current === operation.id)) {
      told.current = operation.id
      for (const queryKey of touchedByAnEnd) void queryClient.invalidateQueries({ queryKey })
    }
  }, [operation, justStarted, queryClient])
}

const touchedByAnEnd = [['operations', 'list'], ['backups'], ['databases'], ['storages'], ['overview'], ['reports']]

function useSeen(): boolean {
  return useSyncExternalStore(
    (changed) => {
      document.addEventListener('visibilitychange', changed)
      return () => document.removeEventListener('visibilitychange', changed)
    },
    () => document.visibilityState === 'visible',
    () => true,
  )
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
    void queryClient.invalidateQueries({ queryKey })
  }
  source.addEventListener('state', (message: MessageEvent<string>) => {
    const operation = JSON.parse(message.data) as OperationView
    if (isFinished(operation.state)) return readEnd()
    queryClient.setQueryData(queryKey, (old) => (old === undefined ? old : { ...old, ...operation }))
  })
  source.addEventListener('end', readEnd)
  return () => {
    source.close()
    setStreaming(false)
  }
}

/** An event that is known already (a poll was faster than the stream) is not shown twice. */
export function withEvent(events: OperationEvent[], event: OperationEvent): OperationEvent[] {
  const last = events.at(-1)
  if (last !== undefined && event.id <= last.id) return events
  return [...events, event].slice(-eventsKept)
}
