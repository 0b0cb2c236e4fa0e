/**
 * Socket.IO packets as text: stands in for `socket.io-parser` where the widget is built. This wire has no binary packet, and
 * the visitor need not download how to take one apart.
 */
interface Packet {
  type: number
  nsp: string
  id?: number
  data?: unknown
}

export const protocol = 5
export const PacketType = {
  CONNECT: 0,
  DISCONNECT: 1,
  EVENT: 2,
  ACK: 3,
  CONNECT_ERROR: 4,
  BINARY_EVENT: 5,
  BINARY_ACK: 6,
}

const SHAPE = /^([0-4])(?:(\/[^,]*),?)?(\d*)(.*)$/s

export class Encoder {
  encode({ type, nsp, id, data }: Packet): string[] {
    const space = nsp && nsp !== '/' ? `${nsp},` : ''
    return [`${type}${space}${id ?? ''}${data == null ? '' : JSON.stringify(data)}`]
  }
}

export class Decoder {
  private heard: ((packet: Packet) => void) | null = null

  on(_decoded: string, listener: (packet: Packet) => void): void {
    this.heard = listener
  }

  off(): void {
    this.heard = null
  }

  /** Throws where it is none; the connection is cut then. */
  add(text: unknown): void {
    const [, type, nsp = '/', id, json] = (typeof text === 'string' && SHAPE.exec(text)) || []
    if (!type) throw new Error('no packet')
    const packet: Packet = { type: Number(type), nsp }
    if (id) packet.id = Number(id)
    if (json) packet.data = JSON.parse(json)
    if ((type === '2' || type === '3') && !Array.isArray(packet.data)) throw new Error('no packet')
    this.heard?.(packet)
  }

  destroy(): void {
    this.off()
  }
}
