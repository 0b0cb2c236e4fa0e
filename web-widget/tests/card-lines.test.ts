import { describe, expect, it } from 'vitest'
import { lines, standing } from '../src/protocol/lines'
import { emptyThread, type Thread } from '../src/protocol/thread'
import type { ChatEvent } from '../src/protocol/wire'

let seq = 0
const at = '2026-03-01T12:00:00Z'
const card = (id: string, version: number, more: object = {}): ChatEvent =>
  ({
    conversation: 'c',
    history: 'h',
    seq: ++seq,
    at,
    kind: 'card',
    card: { id, type: 'quote', state: 'open', version, title: `Quote ${id}`, lines: [], total: `$${version}`, ...more },
  }) as ChatEvent
const said = (text: string): ChatEvent =>
  ({
    conversation: 'c',
    history: 'h',
    seq: ++seq,
    at,
    kind: 'message',
    message: { id: text, author: { kind: 'ai', name: 'Assistant' }, text, format: 'plain' },
  }) as ChatEvent
const threadOf = (...events: ChatEvent[]): Thread => ({ ...emptyThread, events })
const shown = (state: Thread) =>
  lines(state, [], null, '').flatMap(l =>
    l.kind === 'card' || l.kind === 'updated' ? [[l.kind, l.card.id, l.card.version]] : [],
  )

describe('cards of a thread', () => {
  it('are never two of one id: where an earlier version stood, a line says that it was updated', () => {
    const state = threadOf(card('1', 1), said('hello'), card('2', 1), card('1', 2), card('1', 3))
    expect(shown(state)).toEqual([
      ['updated', '1', 1],
      ['card', '2', 1],
      ['updated', '1', 2],
      ['card', '1', 3],
    ])
    expect(standing(state).map(c => [c.id, c.version])).toEqual([
      ['2', 1],
      ['1', 3],
    ])
  })

  it('keep the version that is newest, whatever order they came in', () => {
    expect(shown(threadOf(card('1', 2), card('1', 1)))).toEqual([
      ['card', '1', 2],
      ['updated', '1', 1],
    ])
  })

  it('have keys of their own, also where one version came twice', () => {
    const keys = lines(threadOf(card('1', 1), card('1', 1), card('1', 2)), [], null, '').map(l => l.key)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('do not begin a new run of bubbles where one was only updated', () => {
    const state = threadOf(said('a'), card('1', 1), said('b'), card('1', 2))
    const first = lines(state, [], null, '').flatMap(l => (l.kind === 'message' ? [l.first] : []))
    expect(first).toEqual([true, false])
  })
})
