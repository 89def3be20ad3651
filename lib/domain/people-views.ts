import type { Role } from './permissions.ts'

/** What the console shows of people and of what they are trusted with. */
export interface CaCertificateView {
  id: string
  name: string
  createdAt: string
}
export interface UserView {
  id: string
  email: string
  name: string
  role: Role
  /** null: every database */
  databaseIds: string[] | null
  createdAt: string
}
/** Who is signed in, as the browser needs it to explain disabled controls. */
export interface MeView {
  id: string
  email: string
  name: string
  role: Role
  databaseIds: string[] | null
}
export interface RecoveryKeyView {
  state: 'none' | 'made' | 'confirmed'
  keyId: string | null
  createdAt: string | null
  confirmedAt: string | null
}
/** null: not known yet, because no worker has registered its keys or the script is not installed. */
export interface RecoverySheetView {
  signingPublicPem: string | null
  activeKeyId: string | null
  rescueScriptSha256: string | null
}
