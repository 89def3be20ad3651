import type { AlertDetail } from '#lib/domain/watch-views.ts'
import { post } from './api.ts'

/** The answers to an alert, one function each. All throw ApiError. */
export const acknowledgeAlert = (id: string, body: { note: string }) => post<AlertDetail>(`/alerts/${id}/acknowledge`, body)
/** minutes 0 ends the silence. */
export const silenceAlert = (id: string, body: { minutes: number; reason: string }) => post<AlertDetail>(`/alerts/${id}/silence`, body)
