import { describe, expect, it } from 'vitest'
import { causeOf, type DeadLetter, kindOf, triedOf } from '../src/console/settings/dead-letters'
import { pagesFor } from '../src/console/settings/registry'

const letter = (more: Partial<DeadLetter>): DeadLetter => ({
  id: '1',
  kind: 'send_push',
  attempts: 1,
  created_at: '2026-03-01T12:00:00Z',
  ...more,
})

describe('a dead letter', () => {
  it('says what it was in plain words, also where it is of a kind that is not known', () => {
    for (const kind of ['notify_staff', 'notify_mention', 'send_push', 'deliver_webhook', 'webhook_off'])
      expect(kindOf(letter({ kind }))).not.toContain('_')
    expect(kindOf(letter({ kind: 'send_birthday_card' }))).toBe('send birthday card')
  })

  it('says why it died, with the error itself where there are no words for it', () => {
    expect(causeOf(letter({ error: 'timeout' }))).toBe('no answer in time')
    expect(causeOf(letter({ error: 'Status503' }))).toBe('it answered 503')
    expect(causeOf(letter({ error: 'KeyError' }))).toBe('it ended with KeyError')
    expect(causeOf(letter({}))).toBe('the cause is not known')
  })

  it('counts its tries', () => {
    expect(triedOf(letter({ attempts: 1 }))).toBe('tried once')
    expect(triedOf(letter({ attempts: 8 }))).toBe('tried 8 times')
  })

  it('is nothing for agents', () => {
    const may = (role: string) => pagesFor(role).some(page => page.id === 'dead-letters')
    expect([may('owner'), may('admin'), may('agent')]).toEqual([true, true, false])
  })
})
