import { Decoder as TheirDecoder, Encoder as TheirEncoder } from 'socket.io-parser'
import { describe, expect, it } from 'vitest'
import { Decoder, Encoder, PacketType } from '../src/protocol/packets'

const PACKETS = [
  { type: PacketType.CONNECT, nsp: '/chat', data: { sid: 'a,b' } },
  { type: PacketType.CONNECT, nsp: '/' },
  { type: PacketType.DISCONNECT, nsp: '/chat' },
  { type: PacketType.EVENT, nsp: '/chat', data: ['delta', { text: '2/chat,7["x"]\n\u2028 ñ 🍳', at: 0 }] },
  { type: PacketType.EVENT, nsp: '/chat', id: 12, data: ['message', { id: 'x', text: '' }] },
  { type: PacketType.ACK, nsp: '/chat', id: 0, data: [{ ok: true }] },
  { type: PacketType.ACK, nsp: '/', id: 40, data: [] },
  { type: PacketType.CONNECT_ERROR, nsp: '/chat', data: { message: 'no', data: { code: 'not_allowed' } } },
]

function heard(text: unknown): unknown[] {
  const all: unknown[] = []
  const decoder = new Decoder()
  decoder.on('decoded', packet => all.push(packet))
  decoder.add(text)
  return all
}

describe('packets', () => {
  it.each(PACKETS)('are written and read as Socket.IO does: %j', packet => {
    const theirs = new TheirEncoder().encode(packet as never)
    expect(new Encoder().encode(packet)).toEqual(theirs)
    const read: unknown[] = []
    const decoder = new TheirDecoder()
    decoder.on('decoded', (p: unknown) => read.push(p))
    decoder.add(theirs[0])
    expect(heard(theirs[0])).toEqual(read)
  })

  it.each([
    '',
    'x',
    '9',
    '5',
    '51-["x",{"_placeholder":true,"num":0}]',
    '2',
    '2/chat,',
    '2{"a":1}',
    '3/chat,1"x"',
    '2["x"',
    null,
    7,
  ])('are nothing but packets: %j', text => {
    expect(() => heard(text)).toThrow()
  })

  it('are told to nobody after the end', () => {
    const all: unknown[] = []
    const decoder = new Decoder()
    decoder.on('decoded', packet => all.push(packet))
    decoder.destroy()
    decoder.add('2["x"]')
    expect(all).toEqual([])
  })
})
