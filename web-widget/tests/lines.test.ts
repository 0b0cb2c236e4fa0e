import { describe, expect, it } from 'vitest'
import { lines } from '../src/protocol/lines'
import { emptyThread, type Thread, thread } from '../src/protocol/thread'
import { ServerModel } from './server-model'

function kinds(state: Thread): string[] {
  return lines(state, [], null, 'customer').map(l => (l.kind === 'message' ? l.message.author.kind : l.kind))
}

/** A thread kept up with everything that the server says. */
function follow() {
  let state = emptyThread
  const server = new ServerModel(f => {
    if ('event' in f) state = thread(state, { type: 'event', event: f.event })
    if ('delta' in f) state = thread(state, { type: 'delta', delta: f.delta, now: 0 })
  })
  state = thread(state, { type: 'snapshot', snapshot: server.snapshot({}) })
  return { server, state: () => state }
}

describe('lines', () => {
  it('keep the cut words above the takeover, while they are live and after', () => {
    const { server, state } = follow()
    server.customer('hi')
    server.start()
    server.chunk('Hello', 5)
    const owner = { kind: 'owner_changed', owner: 'human', epoch: 1, by: { kind: 'human', name: 'Dana' } } as const
    server.append(owner)
    expect(kinds(state())).toEqual(['day', 'customer', 'reply', 'owner'])
    server.finish('taken_over')
    expect(kinds(state())).toEqual(['day', 'customer', 'ai', 'owner'])
  })

  it('put a reply after the line that hands back', () => {
    const { server, state } = follow()
    server.customer('hi')
    server.own('human')
    server.own('ai')
    server.start()
    server.chunk('Hello', 5)
    expect(kinds(state())).toEqual(['day', 'customer', 'owner', 'owner', 'reply'])
  })

  it('keep one key from the first token to the stored message, so that a bubble stays the same bubble', () => {
    const { server, state } = follow()
    server.customer('hi')
    server.start()
    server.chunk('Hello', 5)
    const live = lines(state(), [], null, 'customer').at(-1)?.key
    server.finish('complete')
    expect(lines(state(), [], null, 'customer').at(-1)?.key).toBe(live)
  })

  it('show what is not sent yet above the growing reply, where it will stand', () => {
    const { server, state } = follow()
    server.customer('hi')
    server.start()
    const outgoing = {
      id: 'o',
      conversation: null,
      kind: 'message',
      text: 'and?',
      epoch: null,
      at: 0,
      state: 'sending',
      notBefore: 0,
      tries: 1,
      error: null,
      seq: null,
    } as const
    const shown = lines(state(), [outgoing], null, 'customer')
    expect(shown.map(l => l.kind)).toEqual(['day', 'message', 'outgoing', 'reply'])
    expect(shown[2]).toMatchObject({ first: false })
  })

  it('stay the same values where nothing changed in them, whatever comes behind', () => {
    const { server, state } = follow()
    for (const text of ['hi', 'again']) {
      server.customer(text)
      server.start()
      server.chunk('Hello', 5)
      server.finish('complete')
    }
    const before = lines(state(), [], null, 'customer')
    server.customer('more')
    server.start()
    server.chunk('Yes', 3)
    const after = lines(state(), [], null, 'customer')
    expect(after.length).toBeGreaterThan(before.length)
    before.forEach((line, i) => {
      expect(after[i]).toBe(line)
    })
    server.chunk('!', 4)
    after.slice(0, -1).forEach((line, i) => {
      expect(lines(state(), [], null, 'customer')[i]).toBe(line)
    })
  })
})
