/**
 * The socket directories of private clusters that run now. A path as a host is refused everywhere else: no address that a person typed,
 * and none that stands in the catalogue, leads to a socket.
 */
const open = new Set<string>()

export function isPrivateSocket(host: string): boolean {
  return open.has(host)
}

/** For private-cluster.ts alone. Returns what closes it again. */
export function openPrivateSocket(directory: string): () => void {
  open.add(directory)
  return () => void open.delete(directory)
}
