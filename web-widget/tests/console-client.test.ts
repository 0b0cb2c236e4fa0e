import { describe, expect, it } from 'vitest'
import { ConsoleClient, type SocketToken } from '../src/protocol/console-client'
import { grouping, groups, isMine } from '../src/protocol/groups'
import type { Row } from '../src/protocol/wire'
import { FakeSocket, settled, TestClock } from './fake-socket'
import { type Frame, ServerModel } from './server-model'

const me = { id: 'me', name: 'Sam', role: 'owner' }

function row(id: string, more: Partial<Row> = {}): Row {
  const base = {
    id,
    rev: 1,
    customer: id,
    channel: 'web',
    owner: 'ai',
    state: 'open',
    preview: '',
    preview_author: 'customer',
  }
  return { ...base, waiting_since: null, unread: 0, assignee: null, risk: 'normal', viewers: [], ...more } as Row
}

async function setUp(token: () => Promise<SocketToken | null> = async () => ({ token: 'once', at: null })) {
  const clock = new TestClock()
  const socket = new FakeSocket()
  const shelf = { list: () => [], get: () => null, put: () => undefined, drop: () => undefined }
  const client = new ConsoleClient({ base: '', me, token, shelf, clock, dial: socket.dial })
  const server = new ServerModel((f: Frame) => {
    if ('event' in f) socket.deliver('event', f.event)
    else if ('delta' in f) socket.deliver('delta', f.delta)
  })
  client.start()
  await settled()
  return { clock, socket, client, server, state: () => client.store.get() }
}

async function answer(socket: FakeSocket, name: string, value: object) {
  socket
    .of(name)
    .at(-1)
    ?.answer({ ok: true, ...value })
  await settled()
}

describe('the console', () => {
  it('fetches a new token for every connection and ends where there is none', async () => {
    const tokens = ['a', 'b']
    const { socket, clock, state } = await setUp(async () => {
      const token = tokens.shift()
      return token ? { token, at: null } : null
    })
    socket.accept()
    socket.drop()
    await clock.pass(1000)
    expect(socket.auths.map(a => a.token)).toEqual(['a', 'b'])
    socket.drop()
    await clock.pass(5000)
    expect(state().link.state).toBe('refused')
    const { attempts } = socket
    await clock.pass(60_000)
    expect(socket.attempts).toBe(attempts)
  })

  it('holds a reply written before its thread has come until it knows who answers', async () => {
    const { socket, clock, client, server } = await setUp()
    socket.accept()
    server.customer('hi')
    client.say('c1', 'message', 'quick')
    void client.watch('c1')
    await clock.pass(100)
    expect(socket.of('message')).toEqual([])
    await answer(socket, 'watch', { ...server.snapshot({}), staff_events: [], head_staff: 0 })
    await clock.pass(1000)
    expect(socket.of('message').map(a => a.payload)).toMatchObject([{ text: 'quick', epoch: 0 }])
  })

  it('watches again after a reconnect, with what it holds', async () => {
    const { socket, clock, client, server } = await setUp()
    socket.accept()
    void client.watch('c1')
    server.customer('hi')
    await answer(socket, 'watch', { ...server.snapshot({}), staff_events: [], head_staff: 0 })
    server.start()
    server.chunk('Good', 4)
    socket.drop()
    await clock.pass(1000)
    socket.accept()
    await settled()
    expect(socket.of('watch').at(-1)?.payload).toMatchObject({
      conversation: 'c1',
      history: 'h1',
      after: 2,
      after_staff: 0,
      live: { turn: server.running?.turn, at: 4 },
    })
  })

  it('drops an older row, whichever way it came', async () => {
    const { socket, state } = await setUp()
    socket.accept()
    socket.deliver('inbox', { row: row('c1', { rev: 5, preview: 'new' }) })
    socket.deliver('inbox', { row: row('c1', { rev: 4, preview: 'old' }) })
    await answer(socket, 'inbox', { rows: [row('c1', { rev: 3, preview: 'older' })], cursor: null })
    expect(state().rows.c1?.preview).toBe('new')
  })

  it('takes over: mine at once, with the new epoch for what I write', async () => {
    const { socket, client, server, state } = await setUp()
    socket.accept()
    await answer(socket, 'inbox', { rows: [row('c1')], cursor: null })
    void client.watch('c1')
    server.customer('hi')
    await answer(socket, 'watch', server.snapshot({}))
    const took = client.take('c1')
    await answer(socket, 'take', { epoch: 3 })
    expect(await took).toBe(true)
    expect(socket.of('take')[0]?.payload).toEqual({ conversation: 'c1' })
    expect(isMine(state(), 'c1')).toBe(true)
    client.say('c1', 'message', 'hello')
    expect(socket.of('message')[0]?.payload).toMatchObject({ conversation: 'c1', epoch: 3, text: 'hello' })
  })

  it('a stale message stays with its reason, and goes out with the new epoch when asked to', async () => {
    const { socket, client, server, state } = await setUp()
    socket.accept()
    void client.watch('c1')
    server.customer('hi')
    await answer(socket, 'watch', server.snapshot({}))
    client.say('c1', 'message', 'hello')
    socket.of('message')[0]?.answer({ ok: false, error: { code: 'stale', message: 'x' } })
    await settled()
    const [kept] = state().outbox
    expect(kept).toMatchObject({ state: 'failed', error: { code: 'stale' } })
    server.own('human')
    if (kept) client.retry(kept)
    expect(socket.of('message')[1]?.payload).toMatchObject({ id: kept?.id, epoch: 1 })
  })

  it('asks how it stands when a row tells of another state than the thread', async () => {
    const { socket, client, server, state } = await setUp()
    socket.accept()
    void client.watch('c1')
    server.customer('hi')
    await answer(socket, 'watch', server.snapshot({}))
    socket.deliver('inbox', { row: row('c1', { rev: 2 }) })
    expect(socket.of('sync')).toHaveLength(0)
    socket.deliver('inbox', { row: row('c1', { rev: 3, owner: 'human' }) })
    expect(socket.of('sync')).toHaveLength(1)
    server.own('human')
    await answer(socket, 'sync', server.snapshot(socket.of('sync')[0]?.payload ?? {}))
    expect(state().threads.c1?.conversation?.owner).toBe('human')
  })

  it('keeps what was being written', async () => {
    const { client, state } = await setUp()
    client.store.dispatch({ type: 'draft', conversation: 'c1', which: 'reply', text: 'Dear' })
    client.store.dispatch({ type: 'draft', conversation: 'c1', which: 'note', text: 'vip' })
    expect(state().drafts.c1).toEqual({ reply: 'Dear', note: 'vip' })
  })

  it('a conflict is a notice, not a takeover', async () => {
    const { socket, client, state } = await setUp()
    socket.accept()
    const took = client.take('c1')
    socket
      .of('take')[0]
      ?.answer({ ok: false, error: { code: 'conflict', message: 'Dana has it', owner: 'human', epoch: 4 } })
    expect(await took).toBe(false)
    expect(state().notice).toMatchObject({ command: 'take', error: { code: 'conflict' } })
    void client.take('c1', true)
    expect(socket.of('take')[1]?.payload).toEqual({ conversation: 'c1', force: true })
  })
})

describe('a long inbox', () => {
  const first = async (socket: FakeSocket) => {
    socket.accept()
    for (let i = 0; i < 10; i++) await answer(socket, 'inbox', { rows: [row(`r${i}`)], cursor: `after ${i}` })
  }

  it('is read as far as one looks, no faster than the gateway allows', async () => {
    const { socket, client, clock, state } = await setUp()
    await first(socket)
    expect(state().loaded).toBe(true)
    expect(socket.of('inbox')).toHaveLength(10)
    await clock.pass(1000)
    void client.pages.more()
    void client.pages.more()
    expect(socket.of('inbox')).toHaveLength(11)
    expect(socket.of('inbox').at(-1)?.payload).toEqual({ view: 'all', cursor: 'after 9' })
    for (const i of [10, 11, 12]) await answer(socket, 'inbox', { rows: [row(`r${i}`)], cursor: `after ${i}` })
    void client.pages.more()
    expect(socket.of('inbox')).toHaveLength(13)
    await clock.pass(1000)
    void client.pages.more()
    await answer(socket, 'inbox', { rows: [row('r13')], cursor: null })
    await clock.pass(1000)
    void client.pages.more()
    expect(socket.of('inbox')).toHaveLength(14)
    expect(Object.keys(state().rows)).toHaveLength(14)
  })

  it('keeps after a reconnect what was read beyond the first pages', async () => {
    const { socket, client, clock, state } = await setUp()
    await first(socket)
    await clock.pass(1000)
    void client.pages.more()
    await answer(socket, 'inbox', { rows: [row('far')], cursor: null })
    socket.drop()
    await clock.pass(1000)
    await first(socket)
    expect(state().rows.far).toBeDefined()
  })
})

describe('a wrong clock', () => {
  it.each([3_600_000, -3_600_000])('of this machine, %d ms off, changes no waiting time', async skew => {
    const { socket, state, clock } = await setUp(async () => ({ token: 'once', at: 1_000_000 + skew }))
    socket.accept()
    socket.deliver('inbox', { row: row('c1') })
    expect(state().skew).toBe(skew)
    expect(state().touched.c1).toBe(clock.now() + skew)
  })

  it('that is off by a moment is right', async () => {
    const { state } = await setUp(async () => ({ token: 'once', at: 1_000_900 }))
    expect(state().skew).toBe(0)
  })
})

describe('groups', () => {
  it('are the same value through a reply, and new with its row', async () => {
    const { socket, client, server, state } = await setUp()
    socket.accept()
    const of = grouping()
    socket.deliver('inbox', { row: row('c1') })
    void client.watch('c1')
    await answer(socket, 'watch', server.snapshot({}))
    server.start()
    const before = of(state(), 1)
    server.chunk('Hello', 5)
    expect(of(state(), 1)).toBe(before)
    socket.deliver('inbox', { row: row('c1', { rev: 9, preview: 'Hello' }) })
    expect(of(state(), 1)).not.toBe(before)
  })

  it('puts first who has waited longest for a person', async () => {
    const { socket, state } = await setUp()
    socket.accept()
    const rows = [
      row('late', { owner: 'queue', waiting_since: '2026-01-01T10:05:00Z' }),
      row('early', { owner: 'queue', waiting_since: '2026-01-01T10:00:00Z' }),
      row('mine', { owner: 'human', assignee: 'me' }),
      row('theirs', { owner: 'human', assignee: 'dana' }),
      row('asking', { waiting_since: '2026-01-01T10:00:00Z' }),
      row('still'),
      row('closed', { state: 'closed', owner: 'queue' }),
    ]
    await answer(socket, 'inbox', { rows, cursor: null })
    const ids = Object.entries(groups(state(), Date.now())).map(([name, list]) => [name, list.map(r => r.id)])
    expect(Object.fromEntries(ids)).toEqual({
      needs: ['early', 'late'],
      mine: ['mine'],
      ai: ['asking'],
      quiet: ['theirs', 'still', 'closed'],
    })
  })
})
