import type { ChannelChangeInput, NewChannelInput } from '#lib/domain/watch/channel-input.ts'
import type { ContactInput, EscalationPolicy } from '#lib/domain/watch/escalation.ts'
import type { HeartbeatInput } from '#lib/domain/watch/heartbeat.ts'
import type { ChannelView, EscalationView, HeartbeatView } from '#lib/domain/watch-views.ts'
import { type Accepted, patch, post, put, remove } from './api.ts'

/** The acts on channels, contacts, escalation and the outbound heartbeat, one function each. All throw ApiError. */
export interface MadeChannel {
  id: string
  /** of a webhook, told this once */
  signingKey: string | null
}
export const addChannel = (body: NewChannelInput) => post<MadeChannel>('/channels', body)
/** What is left out stays. */
export const changeChannel = (id: string, body: ChannelChangeInput) => patch<MadeChannel>(`/channels/${id}`, body)
export const pauseChannel = (id: string) => post<ChannelView>(`/channels/${id}/pause`)
export const resumeChannel = (id: string) => post<ChannelView>(`/channels/${id}/resume`)
export const removeChannel = (id: string) => remove(`/channels/${id}`)
export const testChannel = (id: string, idempotencyKey: string) => post<Accepted>(`/channels/${id}/test`, {}, { idempotencyKey })

export const addContact = (body: ContactInput) => post<{ id: string }>('/contacts', body)
export const changeContact = (id: string, body: ContactInput) => patch(`/contacts/${id}`, body)
export const removeContact = (id: string) => remove(`/contacts/${id}`)
export const setEscalation = (body: EscalationPolicy) => put<EscalationView>('/settings/escalation', body)

/** `url` left out: the one that is stored stays. */
export const setHeartbeat = (body: HeartbeatInput) => put<HeartbeatView | null>('/settings/heartbeat', body)
export const removeHeartbeat = () => remove('/settings/heartbeat')
export const testHeartbeat = (idempotencyKey: string) => post<Accepted>('/settings/heartbeat/test', {}, { idempotencyKey })
