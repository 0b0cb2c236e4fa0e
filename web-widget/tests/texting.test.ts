import { describe, expect, it } from 'vitest'
import { abilities, alarms, count, phone, standing, type Texting } from '../src/console/settings/texting/texting'

const CAN = { number: '+15105550142', sends: true, high_volume: false, pictures: true }
const TOLD: Texting = {
  at: '2026-11-28T12:00:00Z',
  provider: 'ringcentral',
  missing: [],
  numbers: [CAN],
  subscription: { state: 'active', polled_at: '2026-11-28T11:59:30Z' },
  flow: { announced: 0, oldest_seconds: 0, taken: 4, out: { sent: 3 } },
  limits: {
    per_minute: 40,
    per_number_hour: 30,
    per_prefix_hour: 200,
    per_day: 2000,
    per_month: 8,
    from_time: '08:00',
    to_time: '21:00',
    countries: ['US'],
    cents_per_segment: 0.85,
  },
  poll_seconds: 60,
}

describe('the text channel', () => {
  it('is silent where all is well, and where there is no provider', () => {
    expect(alarms(TOLD)).toEqual([])
    expect(alarms({ ...TOLD, provider: 'none', subscription: { state: 'suspended' } })).toEqual([])
  })
  it.each<[string, Partial<Texting>, string]>([
    ['what is missing', { missing: ['RINGCENTRAL_JWT'] }, 'RINGCENTRAL_JWT is not set'],
    ['a suspended webhook', { subscription: { state: 'suspended' } }, 'suspended'],
    [
      'texts that nobody fetches',
      { flow: { ...TOLD.flow, announced: 2, oldest_seconds: 90 } },
      '2 texts came in and are',
    ],
    ['a poll that is late', { subscription: { state: 'active', polled_at: '2026-11-28T11:50:00Z' } }, 'worker'],
    ['texts of unknown fate', { flow: { ...TOLD.flow, out: { unknown: 1 } } }, '1 text arrived'],
    ['numbers that cannot send', { numbers: [{ ...CAN, sends: false }] }, 'may send'],
  ])('says %s', (_, part, words) => {
    const found = alarms({ ...TOLD, ...part })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(words)
  })
  it('says what a number can do', () => {
    expect(abilities(CAN)).toBe('Sends texts, pictures')
    expect(abilities({ ...CAN, high_volume: true, pictures: false })).toBe('Sends texts, high volume')
    expect(abilities({ ...CAN, sends: false })).toBe('Cannot send texts')
  })
  it('counts what went out, what needs a person first', () => {
    expect(standing({ sent: 3, failed: 0, unknown: 1, oddly_new: 2 })).toEqual([
      ['unknown', 1],
      ['sent', 3],
      ['oddly new', 2],
    ])
    expect([count(1, 'text'), count(1200, 'text')]).toEqual(['1 text', '1,200 texts'])
    expect([phone('+15105550142'), phone('+442071838750')]).toEqual(['(510) 555-0142', '+442071838750'])
  })
})
