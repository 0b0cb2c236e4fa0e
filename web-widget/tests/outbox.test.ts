import { describe, expect, it } from 'vitest'
import { type Draft, next, nextAt, type Outbox, outbox, unsettled } from '../src/protocol/outbox'

const draft = (id: string, conversation: string | null = null): Draft => ({
  id,
  conversation,
  kind: 'message',
  text: id,
  epoch: null,
  at: 1,
})
const box = (...ids: string[]): Outbox =>
  ids.reduce<Outbox>((s, id) => outbox(s, { type: 'add', draft: draft(id) }), [])
const error = (code: 'rate_limited' | 'bad_request' | 'unavailable', retry_after_ms?: number) => ({
  code,
  message: 'why',
  retry_after_ms,
})

describe('the outbox', () => {
  it('sends one after another, in order', () => {
    const waiting = box('a', 'b')
    expect(next(waiting, 0)?.id).toBe('a')
    const sending = outbox(waiting, { type: 'sending', id: 'a' })
    expect(next(sending, 0)).toBeNull()
    expect(next(outbox(sending, { type: 'acked', id: 'a', seq: 4 }), 0)?.id).toBe('b')
  })

  it('does not hold one conversation for another', () => {
    const two = outbox(outbox([], { type: 'add', draft: draft('a', 'x') }), { type: 'add', draft: draft('b', 'y') })
    expect(next(outbox(two, { type: 'sending', id: 'a' }), 0)?.id).toBe('b')
  })

  it('waits as long as it was told, then sends the same id again', () => {
    const sent = outbox(box('a', 'b'), { type: 'sending', id: 'a' })
    const told = outbox(sent, { type: 'refused', id: 'a', error: error('rate_limited', 900), now: 100 })
    expect(next(told, 999)).toBeNull()
    expect(nextAt(told)).toBe(0)
    expect(next(told, 1000)?.id).toBe('a')
  })

  it('shows other refusals and lets the next one go', () => {
    const sent = outbox(box('a', 'b'), { type: 'sending', id: 'a' })
    const failed = outbox(sent, { type: 'refused', id: 'a', error: error('bad_request'), now: 0 })
    expect(failed[0]).toMatchObject({ state: 'failed', error: { code: 'bad_request' } })
    expect(next(failed, 0)?.id).toBe('b')
    expect(next(outbox(failed, { type: 'retry', id: 'a' }), 0)?.id).toBe('a')
  })

  it('sends again what a lost connection left unanswered', () => {
    const sent = outbox(box('a'), { type: 'sending', id: 'a' })
    const lost = outbox(sent, { type: 'unanswered', now: 5 })
    expect(next(lost, 5)?.id).toBe('a')
    expect(unsettled(lost)).toHaveLength(1)
  })

  it('lets go when the message comes back, or when the log has passed its number', () => {
    const acked = outbox(outbox(box('a', 'b'), { type: 'acked', id: 'a', seq: 7 }), { type: 'acked', id: 'b', seq: 8 })
    const seen = (after: number, ...ids: string[]) =>
      outbox(acked, { type: 'seen', clientIds: new Set(ids), conversation: 'c', after }).map(o => o.id)
    expect(seen(6)).toEqual(['a', 'b'])
    expect(seen(7)).toEqual(['b'])
    expect(seen(6, 'b')).toEqual(['a'])
  })
})
