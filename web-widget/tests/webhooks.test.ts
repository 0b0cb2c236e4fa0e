import { describe, expect, it } from 'vitest'
import { type Attempt, eventsLine, health, outcome, took, type Webhook } from '../src/console/settings/webhooks'

const hook: Webhook = {
  id: '1',
  url: 'https://example.com/hooks',
  description: '',
  events: ['message.created'],
  on: true,
  created_at: '2026-11-22T18:00:00Z',
}
const attempt = (given: Partial<Attempt>): Attempt => ({
  number: 1,
  at: '2026-11-22T18:00:00Z',
  duration_ms: 3,
  ...given,
})

describe('a webhook in words', () => {
  it('says whether somebody has to look', () => {
    const seen = (given: Partial<Webhook>) => health({ ...hook, ...given }, at => at)
    expect(seen({})).toEqual({ word: 'on', line: '', bad: false })
    expect(seen({ on: false, off_reason: 'staff' }).bad).toBe(false)
    expect(seen({ on: false, off_reason: 'gone' }).line).toContain('410')
    expect(seen({ on: false, off_reason: 'failing' }).bad).toBe(true)
    expect(seen({ failing_since: 'noon' }).line).toBe('Nothing got through since noon.')
  })
  it('says how a try ended', () => {
    expect(outcome(attempt({ status: 204 }))).toBe('answered 204')
    expect(outcome(attempt({ status: 302, error: 'redirect' }))).toBe('answered 302, a redirect')
    expect(outcome(attempt({ error: 'dns' }))).toBe('The name leads nowhere')
    expect(outcome(attempt({ error: 'something new' }))).toBe('It did not work')
  })
  it('names few events, counts many', () => {
    expect(eventsLine(hook, 10)).toBe('message.created')
    expect(eventsLine({ ...hook, events: ['a', 'b', 'c'] }, 10)).toBe('3 events')
    expect(eventsLine({ ...hook, events: ['a', 'b', 'c'] }, 3)).toBe('Every event')
  })
  it('tells how long it took', () => {
    expect([took(8), took(10_004)]).toEqual(['8 ms', '10.0 s'])
  })
})
