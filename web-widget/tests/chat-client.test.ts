import { describe, expect, it } from 'vitest'
import { ChatClient } from '../src/protocol/chat-client'
import type { Shelf } from '../src/protocol/courier'
import { currentReply } from '../src/protocol/thread'
import type { Ready } from '../src/protocol/wire'
import { FakeSocket, settled, TestClock } from './fake-socket'
import { type Frame, ServerModel } from './server-model'

const business = {
  name: 'My Place',
  avatar: null,
  hours: '',
  open: true,
  reply_minutes: 5,
  disclosure: '',
  locale: 'en',
  theme: {},
}

function memoryShelf(): Shelf & { all: Map<string, string> } {
  const all = new Map<string, string>()
  return {
    all,
    list: prefix => [...all].filter(([k]) => k.startsWith(prefix)).map(([, v]) => v),
    get: key => all.get(key) ?? null,
    put: (key, value) => all.set(key, value),
    drop: key => all.delete(key),
  }
}

function setUp(shelf = memoryShelf(), serves = async () => false) {
  const clock = new TestClock()
  const socket = new FakeSocket()
  let n = 0
  const newId = () => `id${++n}`
  const client = new ChatClient({ base: '', site: 'demo', shelf, clock, dial: socket.dial, newId, serves })
  const server = new ServerModel((f: Frame) => {
    if (!socket.connected) return
    if ('event' in f) socket.deliver('event', f.event)
    else if ('delta' in f) socket.deliver('delta', f.delta)
    else socket.deliver('head', f.head)
  })
  /** The server's welcome, for what the last `auth` said. */
  const ready = (token = 'tok') => {
    socket.accept()
    const r: Ready = { ...server.snapshot(socket.auths.at(-1) ?? {}), token, business }
    socket.deliver('ready', r)
  }
  return { clock, socket, client, server, ready, shelf, state: () => client.store.get() }
}

describe('a page that was asleep', () => {
  it('has not waited for a connection meanwhile', async () => {
    const { client, clock, socket, ready, state } = setUp()
    client.start()
    await settled()
    ready()
    socket.drop()
    const lost = state().link.since
    await clock.pass(3600_000)
    expect(state().link.since).toBe(lost)
    await client.wake()
    expect(state().link.since).toBe(lost)
    await client.wake(true)
    expect(state().link.since).toBe(clock.now())
    await settled()
    ready()
    await client.wake(true)
    expect(state().link).toEqual({ state: 'up', since: null, why: null })
  })
})

describe('connecting', () => {
  it('keeps the token for the site and brings it next time', async () => {
    const first = setUp()
    first.client.start()
    await settled()
    expect(first.socket.auths[0]).toEqual({ site: 'demo' })
    first.ready('t1')
    const second = setUp(first.shelf)
    second.client.start()
    await settled()
    expect(second.socket.auths[0]).toEqual({ site: 'demo', token: 't1' })
  })

  it('connects without an expired token, at once', async () => {
    const shelf = memoryShelf()
    shelf.put('hibachi:demo:token', 'old')
    const { client, socket, clock } = setUp(shelf)
    client.start()
    await settled()
    socket.refuse('token_expired')
    await clock.pass(1)
    expect(socket.auths.at(-1)).toEqual({ site: 'demo' })
    expect(socket.attempts).toBe(2)
  })

  it('stops and says why where the site does not let it in', async () => {
    const { client, socket, clock, state } = setUp()
    client.start()
    socket.refuse('not_allowed')
    await clock.pass(120_000)
    expect(socket.attempts).toBe(1)
    expect(state().link.state).toBe('refused')
  })

  it('says that the page is not let in where the gateway serves others, and goes on trying', async () => {
    const { client, socket, clock, state, ready } = setUp(memoryShelf(), async () => true)
    client.start()
    socket.deliver('connect_error', { message: 'websocket error' })
    await clock.pass(600)
    expect(state().link.state).toBe('down')
    socket.deliver('connect_error', { message: 'websocket error' })
    await clock.pass(2000)
    expect(state().link.state).toBe('refused')
    expect(socket.attempts).toBe(3)
    ready()
    expect(state().link.state).toBe('up')
  })

  it('takes silence for no network where nobody serves, and once it was let in', async () => {
    for (const [serves, welcomed] of [
      [false, false],
      [true, true],
    ] as const) {
      const { client, socket, clock, state, ready } = setUp(memoryShelf(), async () => serves)
      client.start()
      if (welcomed) ready()
      if (welcomed) socket.drop()
      for (let i = 0; i < 4; i++) {
        await clock.pass(9000)
        socket.deliver('connect_error', { message: 'websocket error' })
      }
      await clock.pass(10)
      expect(state().link.state).toBe('down')
    }
  })

  it('comes back with growing pauses and tells where it stood', async () => {
    const { client, socket, clock, server, ready } = setUp()
    client.start()
    server.customer('hi')
    ready()
    server.start()
    server.chunk('Hello ', 7)
    socket.drop()
    expect(socket.attempts).toBe(1)
    await clock.pass(400)
    expect(socket.attempts).toBe(2)
    expect(socket.auths.at(-1)).toMatchObject({
      token: 'tok',
      history: 'h1',
      after: 2,
      live: { turn: server.running?.turn, at: 7 },
    })
    socket.deliver('connect_error', { message: 'down' })
    await clock.pass(400)
    expect(socket.attempts).toBe(2)
    await clock.pass(200)
    expect(socket.attempts).toBe(3)
  })

  it('is not connecting again when the panel opens a second time', async () => {
    const { client, ready, state } = setUp()
    client.start()
    ready()
    client.start()
    expect(state().link).toEqual({ state: 'up', since: null, why: null })
  })

  it('waits longer each time where the connection is cut as soon as it stands', async () => {
    const { client, socket, clock, ready } = setUp()
    client.start()
    const pauses: number[] = []
    for (let i = 1; i <= 4; i++) {
      ready()
      const before = clock.now()
      socket.drop()
      while (socket.attempts === i) await clock.pass(50)
      pauses.push(clock.now() - before)
    }
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b))
    expect(pauses[3]).toBeGreaterThan(1000)
  })

  it('honours the wait that a goodbye asks for', async () => {
    const { client, socket, clock, ready } = setUp()
    client.start()
    ready()
    socket.deliver('goodbye', { code: 'draining', retry_after_ms: 9000 })
    socket.drop()
    client.wake()
    await clock.pass(8900)
    expect(socket.attempts).toBe(1)
    await clock.pass(200)
    expect(socket.attempts).toBe(2)
  })

  it('goes on with a reply in mid-word after a cut', async () => {
    const { client, socket, clock, server, ready, state } = setUp()
    client.start()
    server.customer('hi')
    ready()
    server.start()
    server.chunk('Hel', 3)
    socket.drop()
    server.chunk('lo ', 3)
    await clock.pass(1000)
    ready()
    server.chunk('there', 5)
    expect(currentReply(state().thread)?.text).toBe('Hello there')
  })
})

describe('sending', () => {
  it('queues before it is ready, sends with a client id, lets go when the event comes', async () => {
    const { client, socket, server, ready, state, shelf } = setUp()
    client.start()
    client.say('hello')
    expect(socket.of('message')).toHaveLength(0)
    expect(shelf.list('hibachi:demo:out:')).toHaveLength(1)
    ready()
    const [asked] = socket.of('message')
    expect(asked?.payload).toEqual({ id: 'id1', text: 'hello' })
    server.customer('hello', 'id1')
    asked?.answer({ ok: true, seq: 1 })
    await settled()
    expect(state().outbox).toHaveLength(0)
    expect(shelf.list('hibachi:demo:out:')).toHaveLength(0)
  })

  it('sends the same id again after a reconnect', async () => {
    const { client, socket, clock, ready } = setUp()
    client.start()
    ready()
    client.say('hello')
    socket.drop()
    await clock.pass(1000)
    ready()
    expect(socket.of('message').map(a => a.payload.id)).toEqual(['id1', 'id1'])
  })

  it('sends after a reload what was never acknowledged', async () => {
    const before = setUp()
    before.client.start()
    before.client.say('kept')
    const after = setUp(before.shelf)
    after.client.start()
    after.ready()
    expect(after.socket.of('message')[0]?.payload).toEqual({ id: 'id1', text: 'kept' })
  })

  it('waits when told to, and shows what was refused for good', async () => {
    const { client, socket, clock, ready, state } = setUp()
    client.start()
    ready()
    client.say('one')
    socket.of('message')[0]?.answer({ ok: false, error: { code: 'busy', message: 'later', retry_after_ms: 700 } })
    await clock.pass(600)
    expect(socket.of('message')).toHaveLength(1)
    await clock.pass(200)
    expect(socket.of('message')).toHaveLength(2)
    socket.of('message')[1]?.answer({ ok: false, error: { code: 'too_large', message: 'Too long.' } })
    await settled()
    expect(state().outbox[0]).toMatchObject({ state: 'failed', error: { message: 'Too long.' } })
  })

  it('asks again when no acknowledgement comes', async () => {
    const { client, socket, clock, ready } = setUp()
    client.start()
    ready()
    client.say('one')
    await clock.pass(11_000)
    expect(socket.of('message').length).toBeGreaterThanOrEqual(2)
    expect(new Set(socket.of('message').map(a => a.payload.id)).size).toBe(1)
  })
})

describe('syncing', () => {
  it('asks once for a hole and fills it', async () => {
    const { client, socket, server, ready, state } = setUp()
    client.start()
    server.customer('1')
    ready()
    socket.connected = false
    server.customer('lost')
    socket.connected = true
    server.customer('3')
    server.customer('4')
    expect(socket.of('sync')).toHaveLength(1)
    const [asked] = socket.of('sync')
    asked?.answer({ ok: true, ...server.snapshot(asked.payload) })
    await settled()
    expect(state().thread.events).toEqual(server.log)
  })

  it('cuts a connection that no longer answers', async () => {
    const { client, socket, clock, ready } = setUp()
    client.start()
    ready()
    void client.wake()
    await clock.pass(10_100)
    expect(socket.connected).toBe(false)
    await clock.pass(2000)
    expect(socket.attempts).toBe(2)
  })
})

describe('hints', () => {
  it('lets typing lapse after six seconds', async () => {
    const { client, socket, clock, server, ready, state } = setUp()
    client.start()
    server.customer('hi')
    ready()
    socket.deliver('typing', { conversation: 'c1', author: { kind: 'human', name: 'Dana' }, on: true })
    expect(state().typing?.author.name).toBe('Dana')
    await clock.pass(5900)
    expect(state().typing).not.toBeNull()
    await clock.pass(200)
    expect(state().typing).toBeNull()
  })

  it('ignores what belongs to another conversation', async () => {
    const { client, socket, server, ready, state } = setUp()
    client.start()
    server.customer('hi')
    ready()
    const before = state()
    socket.deliver('delta', { conversation: 'c2', turn: 't', at: 0, to: 1, text: 'x' })
    socket.deliver('receipt', { conversation: 'c2', who: 'staff', seq: 9 })
    expect(state()).toBe(before)
  })
})

describe('typing', () => {
  it('is said at once, again while it goes on, and taken back when the keys rest', async () => {
    const { client, socket, clock, ready } = setUp()
    client.start()
    ready()
    const said = () => socket.of('typing').map(a => a.payload.on)
    client.typing(true)
    client.typing(true)
    expect(said()).toEqual([true])
    await clock.pass(3100)
    client.typing(true)
    expect(said()).toEqual([true, true])
    await clock.pass(4900)
    expect(said()).toEqual([true, true])
    await clock.pass(200)
    expect(said()).toEqual([true, true, false])
  })
})
