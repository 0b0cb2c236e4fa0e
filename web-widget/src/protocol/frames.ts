/** Engine.IO's frames as text: stands in for `engine.io-parser` where the widget is built, as `packets.ts` does one level up. */
interface Frame {
  type: string
  data?: string
}

export const protocol = 4
const KINDS = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop']
const BROKEN: Frame = { type: 'error', data: 'parser error' }
/** Between the frames of one polling answer. */
const BETWEEN = '\x1e'

function written({ type, data }: Frame): string {
  return KINDS.indexOf(type) + (data || '')
}

export function encodePacket(frame: Frame, _binary: unknown, give: (text: string) => void): void {
  give(written(frame))
}

export function encodePayload(frames: readonly Frame[], give: (text: string) => void): void {
  give(frames.map(written).join(BETWEEN))
}

export function decodePacket(text: unknown): Frame {
  const type = typeof text === 'string' ? KINDS[text.charAt(0) as never] : undefined
  if (!type) return BROKEN
  const data = (text as string).slice(1)
  return data ? { type, data } : { type }
}

export function decodePayload(text: string): Frame[] {
  const all = text.split(BETWEEN).map(decodePacket)
  const broken = all.indexOf(BROKEN)
  return broken < 0 ? all : all.slice(0, broken + 1)
}
