import { describe, expect, it } from 'vitest'
import { ConsoleClient } from '../src/protocol/console-client'
import { desk, emptyDesk } from '../src/protocol/desk'
import { card, lastSaid, WALL, wall } from '../src/protocol/wall'
import type { Row } from '../src/protocol/wire'
import { FakeSocket, settled, TestClock } from './fake-socket'
import { type Frame, ServerModel } from './server-model'

const me = { id: 'me', name: 'Sam', role: 'owner' }
const row = (id: string, more: Partial<Row> = {}): Row =>
  ({
    id,
    rev: 1,
    customer: id,
    channel: 'web',
    owner: 'ai',
    state: 'open',
    preview: 'hello',
    preview_author: 'customer',
    waiting_since: '2026-01-01T10:00:00Z',
    unread: 0,
    assignee: null,
    risk: 'normal',
    viewers: [],
    ...more,
  }) as Row
const withRows = (rows: Row[]) => desk(emptyDesk(me), { type: 'rows', rows })

describe('the live wall', () => {
  it('shows what the AI answers and nothing else', () => {
    const state = withRows([row('a'), row('b', { owner: 'queue' }), row('c', { state: 'closed' })])
    expect(wall(state, Date.now(), [])).toEqual(['a'])
  })

  it('keeps the places of cards; a newcomer follows, one that left makes room', () => {
    const early = row('early', { waiting_since: '2026-01-01T09:00:00Z' })
    const state = withRows([row('a'), row('b'), early])
    expect(wall(state, Date.now(), ['b', 'gone', 'a'])).toEqual(['b', 'a', 'early'])
  })

  it('watches no more than its size', () => {
    const state = withRows(Array.from({ length: WALL + 9 }, (_, i) => row(`c${i}`)))
    expect(wall(state, Date.now(), [])).toHaveLength(WALL)
  })

  it('watches its cards, lets go of them, and keeps the one that is open', async () => {
    const clock = new TestClock()
    const socket = new FakeSocket()
    const shelf = { list: () => [], get: () => null, put: () => undefined, drop: () => undefined }
    const client = new ConsoleClient({
      base: '',
      me,
      token: async () => ({ token: 'once', at: null }),
      shelf,
      clock,
      dial: socket.dial,
    })
    const server = new ServerModel((f: Frame) => {
      if ('event' in f) socket.deliver('event', f.event)
      else if ('delta' in f) socket.deliver('delta', f.delta)
    })
    client.start()
    await settled()
    socket.accept()
    socket.deliver('inbox', { row: row('c1') })
    void client.glance(['c1', 'c2'])
    server.customer('How much for twelve?')
    for (const ask of socket.of('watch')) ask.answer({ ok: true, ...server.snapshot({}) })
    await settled()
    server.start()
    server.chunk('Twelve adults come', 18)
    expect(card(client.store.get(), 'c1')).toMatchObject({
      asked: 'How much for twelve?',
      said: 'Twelve adults come',
      streaming: true,
    })
    expect(lastSaid(client.store.get(), 'c1').map(({ kind, name, text, live }) => [kind, name, text, live])).toEqual([
      ['customer', 'c1', 'How much for twelve?', false],
      ['ai', 'Assistant', 'Twelve adults come', true],
    ])
    expect(lastSaid(client.store.get(), 'c1', 1)).toHaveLength(1)
    expect(lastSaid(client.store.get(), 'nobody')).toEqual([])
    void client.watch('c1')
    void client.glance([])
    expect(socket.of('unwatch').map(a => a.payload.conversation)).toEqual(['c2'])
    expect(socket.of('watch')).toHaveLength(2)
    socket.drop()
    await clock.pass(1000)
    socket.accept()
    await settled()
    expect(socket.of('watch').at(-1)?.payload.conversation).toBe('c1')
    expect(socket.of('watch')).toHaveLength(3)
  })
})
