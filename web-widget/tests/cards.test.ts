import { describe, expect, it } from 'vitest'
import { type CardView, cardOf } from '../src/protocol/cards'
import { lines } from '../src/protocol/lines'
import { emptyThread } from '../src/protocol/thread'
import type { ChatEvent } from '../src/protocol/wire'
import { cardInWords, isOver, standing } from '../src/widget/cards'
import { strings } from '../src/widget/strings'
import { HOSTILE } from './hostile'

type CardEvent = Extract<ChatEvent, { kind: 'card' }>
let seq = 0
const event = (card: unknown): CardEvent =>
  ({ conversation: 'c', history: 'h', seq: ++seq, at: '2026-03-01T12:00:00Z', kind: 'card', card }) as CardEvent
const QUOTE = {
  id: 'q1',
  type: 'quote',
  state: 'open',
  version: 1,
  title: 'Quote',
  lines: [{ label: 'Food', value: '$660' }],
  total: '$690',
  action: { label: 'Hold Saturday 6 PM', say: 'Hold it, please' },
}
const HIDDEN = /[\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u

function words(card: CardView): string[] {
  const said = card.action && 'say' in card.action ? [card.action.say] : []
  return [card.title, card.state, card.total, card.action?.label ?? '', ...said, ...card.lines.flatMap(Object.values)]
}

describe('a card', () => {
  it('shows what it is, its lines, its total and one thing to do', () => {
    expect(cardOf(event(QUOTE))).toEqual({
      id: 'q1',
      type: 'quote',
      version: 1,
      state: 'open',
      title: 'Quote',
      lines: QUOTE.lines,
      total: '$690',
      action: QUOTE.action,
    })
  })

  it('stands once, where its last version came', () => {
    const events = [QUOTE, { ...QUOTE, id: 'q2' }, { ...QUOTE, version: 2, total: '$700' }].map(event)
    const shown = lines({ ...emptyThread, events }, [], null, '').flatMap(l => (l.kind === 'card' ? [l.card] : []))
    expect(shown.map(c => [c.id, c.total])).toEqual([
      ['q2', '$690'],
      ['q1', '$700'],
    ])
  })

  it.each(HOSTILE)('is harmless with $kind in every field: $text', ({ text }) => {
    for (const url of [text, /\(([^)\s]+)/.exec(text)?.[1] ?? '']) {
      const action = { label: text, url, say: text }
      const lines = [{ label: text, value: text }]
      const card = cardOf(event({ ...QUOTE, title: text, state: text, total: text, lines, action }))
      if (!card) throw new Error('a card with a type has a title')
      for (const shown of words(card)) {
        expect(shown.length).toBeLessThanOrEqual(200)
        expect(shown).not.toMatch(HIDDEN)
      }
      if (card.action && 'href' in card.action) expect(card.action.href).toMatch(/^https:\/\//)
    }
  })

  it('takes nothing for words that is none, and no list without end', () => {
    for (const odd of [null, 7, [], {}, { toString: () => 'x' }, true]) {
      expect(cardOf(event(odd))).toBeNull()
      expect(cardOf(event({ ...QUOTE, lines: odd, action: odd, total: odd }))).toMatchObject({
        lines: [],
        action: null,
        total: '',
      })
    }
    const many = Array.from({ length: 5000 }, (_, i) => ({ label: `${i}`, value: '1' }))
    expect(cardOf(event({ ...QUOTE, lines: many }))?.lines).toHaveLength(30)
    expect(cardOf(event({ ...QUOTE, action: { label: 'Call', url: 'tel:+15105550100' } }))?.action).toBeNull()
  })
})

describe('a card in words', () => {
  const of = (change: object) => cardOf(event({ ...QUOTE, ...change })) as CardView
  it('is a sentence for each thing that it says', () => {
    const lines = [...QUOTE.lines, { label: 'Travel', value: '$30' }]
    expect(cardInWords(of({ lines }), strings('en'))).toBe(
      'Quote: Food $660, Travel $30. Total $690. Button: Hold Saturday 6 PM.',
    )
    expect(cardInWords(of({ title: 'Sábado', state: 'held', lines: [], total: null }), strings('es'))).toBe(
      'Sábado, Apartado para ti. Botón: Hold Saturday 6 PM.',
    )
  })

  it.each(['expired', 'released', 'superseded', 'cancelled'])('that is %s says so, and offers nothing', state => {
    for (const language of ['en', 'es'] as const) {
      const said = cardInWords(of({ state }), strings(language))
      expect(standing(of({ state }), strings(language))).not.toBe('')
      expect(said).toContain(standing(of({ state }), strings(language)))
      expect(said).not.toContain('Hold Saturday')
    }
    expect(isOver(of({ state }))).toBe(true)
  })

  it('that is in a state of which its title tells enough says no more, and stays open', () => {
    for (const state of ['open', 'something_new', '', 'toString']) {
      expect(cardInWords(of({ state }), strings('en'))).toMatch(/^Quote: Food/)
      expect(isOver(of({ state }))).toBe(false)
    }
  })
})
