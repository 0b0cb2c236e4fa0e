import { describe, expect, it } from 'vitest'
import { type Desk, desk, emptyDesk } from '../src/protocol/desk'

const piece = (at: number, to: number, text: string, more = {}) => ({
  type: 'draft_delta' as const,
  delta: { conversation: 'c1', draft: 'd1', at, to, text, ...more },
})
const begin: Desk = desk(emptyDesk({ id: 'me', name: 'Sam' }), { type: 'drafting', conversation: 'c1' })
const reply = (state: Desk) => state.drafts.c1?.reply ?? ''

describe('the AI draft', () => {
  it('grows in the field and replaces what asked for it', () => {
    const asked = desk(begin, { type: 'draft', conversation: 'c1', which: 'reply', text: 'say yes' })
    const state = [piece(0, 3, 'Yes'), piece(3, 9, ', sure')].reduce(desk, asked)
    expect(reply(state)).toBe('Yes, sure')
    expect(state.drafting).toMatchObject({ draft: 'd1', to: 9 })
    expect(desk(state, piece(9, 9, '', { done: true })).drafting).toBeNull()
  })
  it('is plain text, for the model writes Markdown', () => {
    expect(reply([piece(0, 5, '**Tot'), piece(5, 14, 'al: $690*'), piece(14, 15, '*')].reduce(desk, begin))).toBe(
      'Total: $690',
    )
  })
  it('begins again where a model broke off', () => {
    expect(reply([piece(0, 3, 'Yes'), piece(0, 5, 'Maybe')].reduce(desk, begin))).toBe('Maybe')
  })
  it('takes no piece twice, none after a hole, none of another draft or conversation', () => {
    const state = desk(begin, piece(0, 3, 'Yes'))
    for (const stray of [
      piece(5, 7, '!!'),
      piece(3, 4, '?', { draft: 'd0' }),
      piece(3, 4, '?', { conversation: 'c2' }),
    ])
      expect(desk(state, stray)).toBe(state)
  })
  it('leaves alone what a person writes after it was stopped', () => {
    const over = desk(desk(begin, piece(0, 3, 'Yes')), { type: 'draft_over' })
    expect(reply(desk(over, piece(3, 6, ' no')))).toBe('Yes')
  })
  it('is not offered again where the gateway has none', () => {
    expect(desk(begin, { type: 'draft_over', offered: false }).draftable).toBe(false)
  })
})
