export type ToolName = 'pg_dump' | 'pg_restore'
export interface ToolReport {
  name: ToolName
  path: string
  /** as the tool says it: `15.20` */
  version: string
  major: number
  minor: number
  /** older than the floor of its major: known holes, so restores and imports are refused */
  belowFloor: boolean
  /** the floor as text; null for a major without one */
  floor: string | null
}

/** Searches `dirs` (default: where Linux and macOS packages put every major) and asks each tool for its version. */
export async function findTools(_dirs?: string[]): Promise<ToolReport[]> {
  throw new Error('not built yet')
}
/** The lowest major that is at least the server's; throws tools_missing or server_too_new with the package to install. */
export function chooseTool(_reports: readonly ToolReport[], _name: ToolName, _serverMajor: number): ToolReport {
  throw new Error('not built yet')
}
