import { describe, expect, it } from 'vitest'
import {
  causeOf,
  lookOf,
  mayRetry,
  placeOf,
  STATES,
  stateOf,
  textName,
  titleOf,
} from '../src/console/settings/emails/emails'

describe('an e-mail in words', () => {
  it.each([
    ['Recipient550 5.1.1', 'the recipient’s server refused the address (550 5.1.1)'],
    ['Data554', 'the server refused the text (554)'],
    ['Returned 5.2.2', 'it came back (5.2.2)'],
    ['Returned', 'it came back'],
    ['NoServer', 'no SMTP server is configured'],
    ['Oddity', 'it ended with Oddity'],
    [undefined, ''],
  ])('%s', (error, words) => {
    expect(causeOf({ ...(error && { error }) })).toBe(words)
  })
  it('has a name and a look for every state, and never by colour alone', () => {
    for (const [state, name] of STATES) {
      expect(stateOf(state)).toBe(name)
      expect(['good', 'warn', 'bad', 'plain']).toContain(lookOf(state))
    }
  })
  it('is retried by a person where that makes sense', () => {
    expect(STATES.map(([state]) => state).filter(mayRetry)).toEqual(['unknown', 'failed', 'held'])
  })
})

describe('a text', () => {
  it('is named in an address, and over HTTP', () => {
    expect(textName('booking_confirmation-en')).toBe('booking_confirmation.en')
    expect(titleOf('day_before_reminder')).toBe('Day before reminder')
  })
  it('has lines that the caret goes to', () => {
    expect(placeOf('ab\ncde\n', 2)).toEqual([3, 6])
    expect(placeOf('ab', 1)).toEqual([0, 2])
    expect(placeOf('ab', 9)).toEqual([3, 3])
  })
})
