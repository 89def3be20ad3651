import { z } from 'zod'
import { isHost, isLoopback } from './connection-url.ts'
import { roles } from './permissions.ts'
import { lookVerdicts } from './states.ts'

/** What people type, checked once for form, API and CLI. */
const visible = /^[^\p{Cc}]+$/u
const name = z.string().trim().min(1, 'A name is missing.').max(60, 'At most 60 characters.').regex(visible, 'No control characters.')
const pgName = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= 63, 'At most 63 bytes.')
  .refine((text) => !text.includes('\0'))

const connectionFields = {
  host: z.string().trim().refine(isHost, 'A host name or an IP address, nothing else.'),
  port: z.number().int().min(1).max(65_535).default(5432),
  dbname: pgName,
  username: pgName,
  password: z.string().max(1000).nullable(),
  sslMode: z.enum(['verify-full', 'disable']).default('verify-full'),
  caId: z.uuid().nullable().default(null),
}

const plainNeedsLoopback = 'Without TLS only this machine itself may be reached.'
const safe = (one: { sslMode?: string | undefined; host?: string | undefined }) =>
  one.sslMode !== 'disable' || one.host === undefined || isLoopback(one.host)

export const connectionInput = z.object(connectionFields).refine(safe, { path: ['sslMode'], message: plainNeedsLoopback })
export type ConnectionInput = z.output<typeof connectionInput>

/** standard: daily, weekly and monthly backups from the start */
const plan = z.enum(['standard', 'none']).default('standard')

const label = z.string().trim().toLowerCase().min(1).max(60, 'At most 60 characters.').regex(visible, 'No control characters.')
/** labels, each once, in their order */
const labels = z
  .array(label)
  .max(50)
  .transform((all) => [...new Set(all)])
export const residenceInput = z.object({
  /** duties and people know databases by these: `financial` */
  tags: labels.optional(),
  /** where its copies may lie, by the regions of storages; null: anywhere */
  allowedRegions: labels.nullable().optional(),
})

export const newDatabaseInput = z
  .object({ name, ...connectionFields, plan, ...residenceInput.shape })
  .refine(safe, { path: ['sslMode'], message: plainNeedsLoopback })

const objective = z.number().int().min(60).max(31_536_000)
/** Absent fields stay as they are; a change of where the connection goes needs the password again. */
export const databaseChangeInput = z.object({
  name: name.optional(),
  host: connectionFields.host.optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  dbname: pgName.optional(),
  username: pgName.optional(),
  password: z.string().max(1000).nullable().optional(),
  sslMode: z.enum(['verify-full', 'disable']).optional(),
  caId: z.uuid().nullable().optional(),
  rpoObjectiveSeconds: objective.optional(),
  rtoObjectiveSeconds: objective.optional(),
  ...residenceInput.shape,
})
export type DatabaseChange = z.output<typeof databaseChangeInput>

/** the id under which the place was tested: its marker holds it */
const storageId = z.uuid().optional()
const budgetBytes = z.number().int().positive().nullable().default(null)
const absolutePath = z
  .string()
  .max(1000)
  .regex(/^\/[^\p{Cc}]*$/u, 'An absolute path, such as /var/backups/lifeboat.')
  .refine((path) => !path.split('/').includes('..'), 'No .. in the path.')
const endpoint = z.url({ protocol: /^https?$/ }).refine((url) => {
  const { protocol, hostname, username, password } = new URL(url)
  return username === '' && password === '' && (protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, '')))
}, 'An https address without credentials; http only for this machine itself.')

/** Of whoever may delete, where whoever stores may not; absent: the same do both. They come as a pair, with the others. */
const deleteCredentials = {
  deleteAccessKeyId: z.string().min(1).max(200).optional(),
  deleteSecretAccessKey: z.string().min(1).max(500).optional(),
}

export const newStorageInput = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('local'), storageId, name, budgetBytes, path: absolutePath }),
  z.object({
    kind: z.literal('s3'),
    storageId,
    name,
    budgetBytes,
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'The name of a bucket: lower-case letters, digits, dots, hyphens.'),
    endpoint: endpoint.optional(),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/)
      .default('us-east-1'),
    prefix: z
      .string()
      .regex(/^([A-Za-z0-9._-]+\/)*[A-Za-z0-9._-]*$/, 'Letters, digits, dots, hyphens, underscores, divided by single slashes.')
      .refine((prefix) => !prefix.split('/').includes('..'), 'No .. in the prefix.')
      .default(''),
    pathStyle: z.boolean().default(false),
    checksumWhenRequired: z.boolean().default(false),
    accessKeyId: z.string().min(1).max(200),
    secretAccessKey: z.string().min(1).max(500),
    ...deleteCredentials,
  }),
])
export type NewStorageInput = z.output<typeof newStorageInput>

export const placeInput = z.object({
  /** where its bytes lie, as its owner says: compared with the regions that a database allows; null: nobody says */
  region: label.nullable().optional(),
  /** what that rests on: a contract, a clause */
  agreement: z.string().trim().min(1).max(200).regex(visible, 'No control characters.').nullable().optional(),
  /** offline: it may be absent, and its copies wait until it is back */
  medium: z.enum(['online', 'offline']).optional(),
})

/** Set on each object that is stored from now on; null: none. Mode and days come together. */
const lockFields = {
  lockMode: z.enum(['GOVERNANCE', 'COMPLIANCE']).nullable().optional(),
  lockDays: z.number().int().min(1).max(3650).nullable().optional(),
}

/** The place of a storage does not change: another place is another storage. New credentials come as a pair. */
export const storageChangeInput = z
  .object({
    name: name.optional(),
    budgetBytes: z.number().int().positive().nullable().optional(),
    accessKeyId: z.string().min(1).max(200).optional(),
    secretAccessKey: z.string().min(1).max(500).optional(),
    ...deleteCredentials,
    ...placeInput.shape,
    ...lockFields,
  })
  .refine((one) => (one.lockMode ?? null) === null || typeof one.lockDays === 'number', { path: ['lockDays'], message: 'For how many days?' })
  .refine((one) => one.lockMode !== null || one.lockDays == null, { path: ['lockMode'], message: 'Without a lock there are no days.' })
  .refine((one) => one.lockMode !== undefined || one.lockDays === undefined, { path: ['lockMode'], message: 'Give mode and days together.' })
  .refine((one) => (one.deleteAccessKeyId === undefined) === (one.deleteSecretAccessKey === undefined), {
    path: ['deleteSecretAccessKey'],
    message: 'Give the access key for deleting and its secret together.',
  })
  .refine((one) => one.deleteAccessKeyId === undefined || one.accessKeyId !== undefined, {
    path: ['accessKeyId'],
    message: 'The keys of a storage are kept together: give both pairs.',
  })
  .refine((one) => (one.accessKeyId === undefined) === (one.secretAccessKey === undefined), {
    path: ['secretAccessKey'],
    message: 'Give the access key and its secret together.',
  })

export const lookInput = z.object({ verdict: z.enum(lookVerdicts), note: z.string().trim().max(1000).nullable().default(null) })

/** reason: a sentence for whoever asks later why it is still here */
export const holdReason = z.string().trim().min(1, 'Say why.').max(1000)
export const placeHoldInput = z.object({ kind: z.enum(['legal', 'manual']).default('manual'), reason: holdReason })
export const releaseHoldInput = z.object({ reason: holdReason })

export const email = z.email('An e-mail address.').max(254)
export const password = z.string().min(12, 'At least 12 characters.').max(128, 'At most 128 characters.')
export const signInInput = z.object({ email: z.string().min(1).max(254), password: z.string().min(1).max(1000) })
export const setupInput = z.object({
  token: z.string().min(20).max(100),
  email: email.optional(),
  /** absent with a link for a new password: the account has one */
  name: z.string().trim().min(1, 'A name is missing.').max(100).regex(visible, 'No control characters.').optional(),
  password,
})
export const passwordChangeInput = z.object({ current: z.string().min(1).max(1000), next: password })
export const confirmPasswordInput = z.object({ password: z.string().min(1).max(1000) })
export const inviteInput = z.object({ email, role: z.enum(roles) })
export const userChangeInput = z.object({ role: z.enum(roles).optional(), databaseIds: z.array(z.uuid()).max(1000).nullable().optional() })

const pem = (label: string) =>
  z
    .string()
    .max(100_000)
    .refine((text) => text.includes(`-----BEGIN ${label}-----`) && !text.includes('PRIVATE KEY'), `A PEM file that begins with BEGIN ${label}.`)
export const caCertificateInput = z.object({ name, pem: pem('CERTIFICATE') })
export const recoveryKeyInput = z.object({ publicPem: pem('PUBLIC KEY'), checkSha256: z.string().regex(/^[0-9a-f]{64}$/) })
export const recoveryKeyConfirmInput = z.object({
  code: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[0-9a-f]{8}$/, 'Eight characters, 0-9 and a-f.'),
})
