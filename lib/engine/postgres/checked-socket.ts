import { Socket, type TcpNetConnectOpts } from 'node:net'
import { checkedLookup } from '#lib/egress/checked-lookup.ts'

/** A socket that node-pg connects to a name: the addresses that the name has are looked at before any is connected to. */
export function checkedSocket(): Socket {
  return new CheckedSocket()
}

class CheckedSocket extends Socket {
  // node-pg calls it with a port and a host, and with nothing else
  override connect(...given: unknown[]): this {
    const [port, host] = given
    if (typeof port !== 'number' || typeof host !== 'string') throw new Error('a checked socket is connected to a port and a host')
    const to: TcpNetConnectOpts = { port, host, lookup: checkedLookup, autoSelectFamily: true }
    return super.connect(to)
  }
}
