import * as theirs from 'engine.io-parser'
import { describe, expect, it } from 'vitest'
import * as ours from '../src/protocol/frames'

const FRAMES = [
  { type: 'open', data: '{"sid":"x"}' },
  { type: 'ping' },
  { type: 'pong' },
  { type: 'ping', data: 'probe' },
  { type: 'message', data: '2/chat,["x",{"text":"ñ 🍳 \\n"}]' },
  { type: 'upgrade' },
  { type: 'noop' },
  { type: 'close' },
]

function encoded(one: typeof ours | typeof theirs, frame: (typeof FRAMES)[number]): unknown {
  let text: unknown
  one.encodePacket(frame as never, false, (t: unknown) => {
    text = t
  })
  return text
}

describe('frames', () => {
  it.each(FRAMES)('are written and read as Engine.IO does: %j', frame => {
    const text = encoded(theirs, frame)
    expect(encoded(ours, frame)).toBe(text)
    expect(ours.decodePacket(text)).toEqual(theirs.decodePacket(text as string))
  })

  it('share one polling answer', () => {
    let text = ''
    ours.encodePayload(FRAMES, t => {
      text = t
    })
    theirs.encodePayload(FRAMES as never, t => expect(text).toBe(t))
    expect(ours.decodePayload(text)).toEqual(theirs.decodePayload(text))
    const half = `4a\x1e9b\x1e4c`
    expect(ours.decodePayload(half)).toEqual(theirs.decodePayload(half))
  })

  it.each(['', ' ', 'x', '7', '-1', new ArrayBuffer(2), null])('are nothing but frames: %j', text => {
    expect(ours.decodePacket(text)).toEqual({ type: 'error', data: 'parser error' })
  })
})
