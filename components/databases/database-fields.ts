import { isHost, isLoopback, parseConnectionUrl } from '#lib/domain/connection-url.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { NewDatabase } from '#lib/client/mutations.ts'
import { labelProblem, labelsOf } from './labels.ts'

/** The form as typed: everything text, so that nothing a person types is lost. */
export interface DatabaseFields {
  name: string
  host: string
  port: string
  dbname: string
  username: string
  password: string
  sslMode: NewDatabase['sslMode']
  caId: string | null
  plan: 'standard' | 'none'
  /** with commas between */
  tags: string
  regions: string
}

export const emptyFields: DatabaseFields = {
  name: '',
  host: '',
  port: '5432',
  dbname: '',
  username: '',
  password: '',
  sslMode: 'verify-full',
  caId: null,
  plan: 'standard',
  tags: '',
  regions: '',
}

export type FieldProblems = Partial<Record<keyof DatabaseFields, string>>

/** Fills the fields from a pasted URL; a name that was typed stays. */
export function fillFromUrl(fields: DatabaseFields, url: string): { fields: DatabaseFields; problem: string | null } {
  try {
    const { host, port, dbname, username, password, sslMode } = parseConnectionUrl(url)
    // a name on the server may be longer than one in lists
    const name = fields.name === '' ? dbname.slice(0, 60) : fields.name
    return { fields: { ...fields, name, host, port: String(port), dbname, username, password: password ?? '', sslMode }, problem: null }
  } catch (error) {
    if (!(error instanceof LifeboatError)) throw error
    return { fields, problem: error.message }
  }
}

/** What is wrong with each field; an empty object: nothing. */
export function problemsOf(fields: DatabaseFields): FieldProblems {
  const problems: FieldProblems = {}
  if (fields.name.trim() === '') problems.name = 'Give it a name.'
  if (fields.name.trim().length > 60) problems.name = 'At most 60 characters.'
  if (!isHost(fields.host.trim())) problems.host = 'A host name or an IP address, without port or path.'
  const port = Number(fields.port)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) problems.port = 'A number from 1 to 65535.'
  if (fields.dbname === '') problems.dbname = 'Which database on the server?'
  if (fields.username === '') problems.username = 'Who connects?'
  if (fields.sslMode === 'disable' && !isLoopback(fields.host.trim())) problems.sslMode = 'Outside this machine every connection uses TLS.'
  const tags = labelProblem(labelsOf(fields.tags))
  const regions = labelProblem(labelsOf(fields.regions))
  if (tags !== null) problems.tags = tags
  if (regions !== null) problems.regions = regions
  return problems
}

export function requestOf(fields: DatabaseFields): NewDatabase {
  return {
    name: fields.name.trim(),
    host: fields.host.trim(),
    port: Number(fields.port),
    dbname: fields.dbname,
    username: fields.username,
    password: fields.password === '' ? null : fields.password,
    sslMode: fields.sslMode,
    caId: fields.sslMode === 'disable' ? null : fields.caId,
    plan: fields.plan,
    tags: labelsOf(fields.tags),
    allowedRegions: labelsOf(fields.regions).length === 0 ? null : labelsOf(fields.regions),
  }
}

/** What a test tries: the connection alone. */
export function connectionOf(fields: DatabaseFields): Omit<NewDatabase, 'name' | 'plan' | 'tags' | 'allowedRegions'> {
  const { name: _name, plan: _plan, tags: _tags, allowedRegions: _regions, ...connection } = requestOf(fields)
  return connection
}
