import { describe, expect, it } from 'vitest'
import {
  currentReply,
  emptyThread,
  held,
  ORPHAN_MS,
  type Thread,
  type ThreadAction,
  thread,
} from '../src/protocol/thread'
import { type Frame, ServerModel, seeded } from './server-model'

function toAction(frame: Frame, now: number): ThreadAction {
  if ('event' in frame) return { type: 'event', event: frame.event }
  if ('delta' in frame) return { type: 'delta', delta: frame.delta, now }
  return { type: 'head', head: frame.head }
}

/** A thread that has its first snapshot, and the frames that the server sends from then on. */
function connected() {
  const frames: Frame[] = []
  const server = new ServerModel(f => frames.push(f))
  server.customer('hello')
  frames.length = 0
  const state = thread(emptyThread, { type: 'snapshot', snapshot: server.snapshot({}) })
  const run = (from: Thread, list = frames) => list.reduce((s, f) => thread(s, toAction(f, 0)), from)
  return { server, frames, state, run }
}

describe('durable events', () => {
  it('drops what it has', () => {
    const { server, frames, state, run } = connected()
    server.customer('again')
    const once = run(state)
    expect(run(once)).toBe(once)
    expect(once.events.map(e => e.seq)).toEqual([1, 2])
    expect(frames).toHaveLength(1)
  })

  it('asks to sync at a hole and takes nothing beyond it', () => {
    const { server, frames, state, run } = connected()
    server.customer('two')
    server.customer('three')
    const after = run(state, frames.slice(1))
    expect(after.wants).toBe(true)
    expect(after.after).toBe(1)
  })

  it('asks to sync on another history and forgets on resync', () => {
    const { server, frames, state, run } = connected()
    server.customer('two')
    const two = run(state)
    server.restore(1)
    frames.length = 0
    server.customer('other two')
    const asked = run(two)
    expect(asked.wants).toBe(true)
    const synced = thread(asked, { type: 'snapshot', snapshot: server.snapshot(held(asked)) })
    expect(synced.events).toEqual(server.log)
    expect(synced.history).toBe(server.history)
  })

  it('takes a newer owner only', () => {
    const { server, frames, state, run } = connected()
    server.own('queue')
    server.own('human')
    const done = run(state)
    expect(done.conversation).toMatchObject({ owner: 'human', epoch: 2 })
    const old = frames[0] as { event: never }
    expect(thread(done, { type: 'event', event: old.event })).toBe(done)
  })
})

describe('live deltas', () => {
  it('accepts the next position, drops the past, asks at a gap', () => {
    const { server, frames, state, run } = connected()
    server.start()
    server.chunk('Hel', 5)
    server.chunk('lo', 9)
    server.chunk('!', 2)
    const [started, a, b, c] = frames as [Frame, Frame, Frame, Frame]
    expect(currentReply(run(state, [started, a, a, b]))?.text).toBe('Hello')
    const gap = run(state, [started, a, c])
    expect(gap.wants).toBe(true)
    expect(currentReply(gap)?.text).toBe('Hel')
  })

  it('keeps a delta of an unknown turn until its start', () => {
    const { server, frames, state, run } = connected()
    server.start()
    server.chunk('a', 1)
    server.chunk('b', 1)
    const [started, a, b] = frames as [Frame, Frame, Frame]
    const early = run(state, [b, a])
    expect(currentReply(early)).toBeNull()
    expect(currentReply(run(early, [started]))?.text).toBe('ab')
  })

  it('asks to sync when the start does not come in two seconds', () => {
    const { server, frames, state } = connected()
    server.start()
    server.chunk('a', 1)
    const early = thread(state, toAction(frames[1] as Frame, 100))
    expect(thread(early, { type: 'tick', now: 99 + ORPHAN_MS })).toBe(early)
    const late = thread(early, { type: 'tick', now: 100 + ORPHAN_MS })
    expect(late.wants).toBe(true)
    expect(late.orphans).toEqual({})
  })

  it('drops deltas of a finished turn', () => {
    const { server, frames, state, run } = connected()
    server.start()
    server.chunk('a', 1)
    server.finish('complete')
    const done = run(state)
    expect(run(done, [frames[1] as Frame])).toBe(done)
    expect(currentReply(done)).toBeNull()
  })

  it('replaces the text on a restart', () => {
    const { server, state, run } = connected()
    server.start()
    server.chunk('old', 3)
    server.restart()
    server.chunk('new', 3)
    const done = run(state)
    expect(Object.keys(done.replies)).toHaveLength(1)
    expect(currentReply(done)?.text).toBe('new')
  })
})

describe('snapshots', () => {
  it('joins a live text whose `from` is where the client stood when it asked', () => {
    const { server, frames, state, run } = connected()
    server.start()
    server.chunk('one ', 10)
    const asked = thread(run(state), { type: 'asking' })
    const ask = held(asked)
    frames.length = 0
    server.chunk('two ', 10)
    const moved = run(asked)
    server.chunk('three', 10)
    const merged = thread(moved, { type: 'snapshot', snapshot: server.snapshot(ask) })
    expect(currentReply(merged)?.text).toBe('one two three')
  })

  it('keeps the longer of snapshot and held deltas', () => {
    const { server, state, run } = connected()
    server.start()
    server.chunk('one ', 10)
    const old = server.snapshot({ history: 'h1', after: 1 })
    server.chunk('two', 10)
    const merged = thread(run(state), { type: 'snapshot', snapshot: old })
    expect(currentReply(merged)?.text).toBe('one two')
  })

  it('asks again while there is more', () => {
    const server = new ServerModel(() => undefined, { page: 2, fresh: 50 })
    server.customer('1')
    let state = thread(emptyThread, { type: 'snapshot', snapshot: server.snapshot({}) })
    for (const text of ['2', '3', '4', '5', '6']) server.customer(text)
    let rounds = 0
    do {
      state = thread(thread(state, { type: 'asking' }), { type: 'snapshot', snapshot: server.snapshot(held(state)) })
      rounds += 1
    } while (state.wants)
    expect(rounds).toBe(3)
    expect(state.events).toEqual(server.log)
  })

  it('reads back a page and knows where the beginning is', () => {
    const server = new ServerModel(() => undefined, { page: 200, fresh: 3 })
    for (let i = 0; i < 8; i++) server.customer(String(i))
    const state = thread(emptyThread, { type: 'snapshot', snapshot: server.snapshot({}) })
    expect(state.older).toBe(true)
    const some = thread(state, { type: 'page', events: server.log.slice(2, 5), before: 6, limit: 3 })
    expect(some.events.map(e => e.seq)).toEqual([3, 4, 5, 6, 7, 8])
    const all = thread(some, { type: 'page', events: server.log.slice(0, 2), before: 3, limit: 3 })
    expect(all.events).toEqual(server.log)
    expect(all.older).toBe(false)
    expect(thread(all, { type: 'page', events: server.log.slice(0, 2), before: 3, limit: 3 })).toBe(all)
  })

  it('a head frame tells what is missing', () => {
    const { server, state } = connected()
    const head = (seq: number, turn?: string, to?: number) =>
      thread(state, { type: 'head', head: { conversation: 'c1', seq, turn, to } }).wants
    expect(head(server.log.length)).toBe(false)
    expect(head(server.log.length + 1)).toBe(true)
    expect(head(server.log.length, 't9', 4)).toBe(true)
  })
})

describe('the staff log', () => {
  const note = (n: number) =>
    ({
      conversation: 'c1',
      log: 'staff',
      staff_seq: n,
      at: '',
      kind: 'note',
      id: `n${n}`,
      author: { kind: 'human', name: 'Dana' },
      text: '',
    }) as const

  it('is gapless by a counter of its own', () => {
    const { state } = connected()
    const first = thread(state, { type: 'staff', events: [note(1), note(2)], head: 2 })
    const next = thread(first, { type: 'staff', events: [note(2), note(3)] })
    expect(next.staff.map(e => e.staff_seq)).toEqual([1, 2, 3])
    expect(next.wants).toBe(false)
    expect(thread(next, { type: 'staff', events: [note(5)] }).wants).toBe(true)
  })
})

/** One client behind a hostile network: frames are lost, doubled, delayed past each other; connections are cut. */
function hostile(seed: number): { server: ServerModel; state: Thread; syncs: number } {
  const random = seeded(seed)
  const chance = (p: number) => random() < p
  let now = 0
  let syncs = 0
  const pool: ThreadAction[] = []
  const server = new ServerModel(
    frame => {
      const copies = chance(0.12) ? 0 : chance(0.15) ? 2 : 1
      for (let i = 0; i < copies; i++) pool.push(toAction(frame, now))
    },
    { page: 4 + Math.floor(random() * 6), fresh: 3 + Math.floor(random() * 8) },
  )
  server.customer('hello')
  pool.length = 0
  let state = thread(emptyThread, { type: 'snapshot', snapshot: server.snapshot({}) })
  let asking: { reply: ThreadAction; in: number } | null = null

  const ask = () => {
    syncs += 1
    state = thread(state, { type: 'asking' })
    return { type: 'snapshot', snapshot: server.snapshot(held(state)) } as const
  }
  const deliver = (action: ThreadAction) => {
    state = thread(state, action.type === 'delta' ? { ...action, now } : action)
  }
  const work = () => {
    const dice = random()
    if (dice < 0.08) server.customer('m')
    else if (dice < 0.16 && !server.running && server.owner === 'ai') server.start()
    else if (dice < 0.2) server.restart()
    else if (dice < 0.25) server.finish(chance(0.7) ? 'complete' : 'stopped')
    else if (dice < 0.28) server.own(server.owner === 'ai' ? 'human' : 'ai')
    else if (dice < 0.29) server.restore(Math.floor(random() * 3))
    else if (dice < 0.33) server.head()
    else server.chunk('abcdefghij'.slice(0, 1 + Math.floor(random() * 9)), 1 + Math.floor(random() * 20))
  }
  for (let step = 0; step < 250; step++) {
    now += random() * 120
    work()
    while (pool.length && chance(0.6))
      deliver(pool.splice(chance(0.75) ? 0 : Math.floor(random() * pool.length), 1)[0] as ThreadAction)
    state = thread(state, { type: 'tick', now })
    if (chance(0.03)) {
      // The connection is cut: what was under way is gone, the new one begins with a snapshot.
      pool.length = 0
      asking = null
      deliver(ask())
    }
    if (asking && asking.in-- <= 0) {
      deliver(asking.reply)
      asking = null
    }
    if (state.wants && !asking && chance(0.5)) asking = { reply: ask(), in: Math.floor(random() * 6) }
  }
  // The storm is over: everything left arrives, then a head, and the client asks until it wants nothing.
  if (asking) deliver(asking.reply)
  for (const action of pool.splice(0)) deliver(action)
  now += ORPHAN_MS + 1
  state = thread(state, { type: 'tick', now })
  const live = server.running ? { turn: server.running.turn, to: server.running.to } : {}
  state = thread(state, { type: 'head', head: { conversation: 'c1', seq: server.log.length, ...live } })
  if (state.history !== server.history) state = { ...state, wants: true }
  for (let i = 0; state.wants && i < 60; i++) deliver(ask())
  return { server, state, syncs }
}

describe('any cut, doubling and reordering', () => {
  it('converges to the text of the server', () => {
    for (let seed = 1; seed <= 1500; seed++) {
      const { server, state } = hostile(seed)
      const why = `seed ${seed}`
      expect(state.wants, why).toBe(false)
      const first = state.events[0]?.seq ?? 1
      expect(state.events, why).toEqual(server.log.slice(first - 1))
      expect(state.after, why).toBe(server.log.length)
      // A reply that has no text yet may also be one that the client has not heard of.
      expect(currentReply(state)?.text ?? '', why).toBe(server.running?.text ?? '')
      if (!server.running) expect(state.replies, why).toEqual({})
      expect(state.conversation, why).toMatchObject({ owner: server.owner, epoch: server.epoch })
    }
  })
})
