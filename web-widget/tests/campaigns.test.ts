import { describe, expect, it } from 'vitest'
import type { Campaign, Card, Point, Recipient, Season } from '../src/console/campaigns/campaigns'
import { changed, draftOf, faultOf, filled, learned, sent } from '../src/console/campaigns/draft'
import { EVERYBODY, fault, inWords, KIND_NAMES, type Rows, read, row, write } from '../src/console/campaigns/filters'
import { busy, grouped, highest, WENT, whole } from '../src/console/campaigns/series'
import {
  coming,
  deeds,
  hour,
  lasting,
  leftOut,
  nameOf,
  outcomeOf,
  progress,
  STATES,
  share,
  span,
  standstill,
  when,
  zoneName,
} from '../src/console/campaigns/words'
import { hashOf, readRoute } from '../src/console/route'

const CARD: Card = {
  id: 'c1',
  name: 'Thanksgiving 2026',
  season: 'thanksgiving',
  variant: 'general',
  state: 'draft',
  rev: 3,
  drafted_by: 'staff',
  send_on: '2026-10-25',
  send_from: '10:00:00',
  per_minute: 30,
  created_at: '2026-10-01T10:00:00Z',
  changed_at: '2026-10-01T10:00:00Z',
}
const CAMPAIGN: Campaign = {
  campaign: CARD,
  audience: { filter: { all: [] } },
  texts: { es: 'Hola', en: 'Hi' },
  reminder: {},
  editable: true,
  checks: [],
  samples: [],
  reminder_samples: [],
}
const season = (key: string, opens: string, closes: string, day?: string): Season => ({
  key,
  name: { en: key },
  opens,
  closes,
  open_now: false,
  campaigns: [],
  ...(day && { day }),
})

describe('where campaigns are', () => {
  it.each(['#/campaigns', '#/campaigns/01a2-b3', '#/campaigns/segments', '#/campaigns/segments/new'])('%s', hash => {
    expect(readRoute(hash).view).toBe('campaigns')
    expect(hashOf(readRoute(hash))).toBe(hash)
  })
})

describe('a draft', () => {
  it('that nobody touched has nothing to save, whatever the order of its texts', () => {
    const draft = draftOf(CAMPAIGN)
    expect(changed(CAMPAIGN, draft, 10)).toBeNull()
    expect(changed(CAMPAIGN, { ...draft, texts: { en: 'Hi', es: 'Hola' } }, 10)).toBeNull()
  })
  it('saves what differs, and null for what was taken away', () => {
    const draft = { ...draftOf(CAMPAIGN), season: '', send_from: '', texts: { en: 'Hi', es: '  ' } }
    expect(changed(CAMPAIGN, draft, 10)).toEqual({ season: null, send_from: null, texts: { en: 'Hi' } })
  })
  it('says a segment or a filter, never both', () => {
    const draft = draftOf(CAMPAIGN)
    expect(changed(CAMPAIGN, { ...draft, segment: 's1' }, 10)).toEqual({ segment: 's1' })
    const saved = { ...CAMPAIGN, segment: 's1' }
    expect(changed(saved, { ...draftOf(saved), segment: '' }, 10)).toEqual({
      segment: null,
      audience: { filter: EVERYBODY },
    })
    const filter = { all: [{ is: 'upcoming' }] }
    expect(changed(CAMPAIGN, { ...draft, filter }, 10)).toEqual({ audience: { filter } })
  })
  it('offers what the business offers, and no other figure', () => {
    expect(sent({ ...draftOf(CAMPAIGN), offer: true }, 10).offer_percent).toBe(10)
    expect(sent(draftOf(CAMPAIGN), 10).offer_percent).toBeNull()
    // What was kept under another figure is not changed by opening it.
    const old = { ...CAMPAIGN, offer_percent: 15 }
    expect(changed(old, draftOf(old), 10)).toBeNull()
  })
  it('has a reminder only where it says something', () => {
    const draft = { ...draftOf(CAMPAIGN), reminds: true }
    expect(changed(CAMPAIGN, draft, 10)).toBeNull()
    const said = { ...draft, reminder: { en: 'Still there?' }, after_hours: '24' }
    expect(changed(CAMPAIGN, said, 10)).toEqual({ reminder: { en: 'Still there?' }, reminder_after_hours: 24 })
  })
  it('is not saved with what the gateway would refuse', () => {
    const draft = draftOf(CAMPAIGN)
    expect(faultOf(draft)).toBeNull()
    expect(faultOf({ ...draft, name: ' ' })).toContain('name')
    expect(faultOf({ ...draft, per_minute: '0' })).toContain('minute')
    expect(faultOf({ ...draft, per_minute: '1.5' })).toContain('minute')
    expect(faultOf({ ...draft, reminds: true, after_hours: '400' })).toContain('336')
  })
})

describe('placeholders', () => {
  it('are learned from a sample, and filled while one types', () => {
    const values = learned('Hi {{first_name}}: {{ business }} (cooked?)', 'Hi Maria: My Hibachi (cooked?)')
    expect(values).toEqual({ first_name: 'Maria', business: 'My Hibachi' })
    expect(filled('{{business}} for {{first_name}}, {{link}}', values)).toBe('My Hibachi for Maria, {{link}}')
  })
  it('are not learned from a sample of another text', () => {
    expect(learned('Hi {{first_name}}!', 'Hello Maria!')).toEqual({})
    expect(learned('Hi', 'Hi')).toEqual({})
  })
})

describe('a filter', () => {
  const booked = row('booked', false, { times_from: '1', last_before_days: '180' })
  const rows: Rows = { join: 'all', rows: [booked, row('upcoming', true)] }
  const FILTER = { all: [{ is: 'booked', times_from: 1, last_before_days: 180 }, { not: { is: 'upcoming' } }] }

  it('is written as the gateway reads it, and read back', () => {
    expect(write(rows)).toEqual(FILTER)
    expect(write(read(FILTER) as Rows)).toEqual(FILTER)
  })
  it('of nothing said is everybody, though any of nothing were nobody', () => {
    expect(write({ join: 'any', rows: [] })).toEqual(EVERYBODY)
    expect(write({ join: 'any', rows: [row('spent')] })).toEqual(EVERYBODY)
  })
  it('reads a condition alone, and leaves what is deeper to others', () => {
    expect(read({ is: 'upcoming' })?.rows).toHaveLength(1)
    expect(read({ all: [{ any: [{ is: 'upcoming' }] }] })).toBeNull()
    expect(read({ all: [{ is: 'something_new' }] })).toBeNull()
    expect(inWords({ all: [{ any: [] }] })).toBe('A filter of several levels')
  })
  it.each([
    [row('spent', false, { cents_from: '1,200.50' }), { is: 'spent', cents_from: 120_050 }],
    [row('state', false, { states: 'ca nv' }), { is: 'state', states: ['CA', 'NV'] }],
    [row('near', false, { zip: '94539', miles: '30' }), { is: 'near', zip: '94539', miles: 30 }],
    [
      row('lead', false, { temperatures: ['hot'], sources: 'web_quote' }),
      { is: 'lead', temperatures: ['hot'], sources: ['web_quote'] },
    ],
    [row('lead'), { is: 'lead' }],
  ])('condition %#', (one, written) => {
    expect(fault(one)).toBeNull()
    expect(write({ join: 'all', rows: [one] })).toEqual({ all: [written] })
    expect(write(read({ all: [written] }) as Rows)).toEqual({ all: [written] })
  })
  it.each([
    [row('booked'), 'Fill in one'],
    [row('quiet', false, { days: 'soon' }), 'not as it should be'],
    [row('quiet'), 'Say'],
    [row('near', false, { zip: '9453', miles: '10' }), 'not as it should be'],
    [row('language', false, { locales: [] }), 'Say'],
  ])('row %# lacks something, which is said', (one, words) => {
    expect(fault(one)).toContain(words)
  })
  it('says in a line who is in it', () => {
    expect(inWords(EVERYBODY)).toContain('Everybody')
    expect(inWords(FILTER)).toBe(
      'Parties they had (at least 1, the last over 180 days ago); and not: have a party ahead',
    )
    for (const kind of KIND_NAMES) expect(inWords({ all: [{ is: kind }] })).not.toBe('')
  })
})

describe('seasons', () => {
  it('come in order, each once, those that are over left out', () => {
    const all = [
      season('christmas', '2026-11-15', '2026-12-01'),
      season('thanksgiving', '2026-10-25', '2026-11-01', '2026-11-26'),
      season('thanksgiving', '2027-10-25', '2027-11-01'),
      season('fall', '2026-08-20', '2026-08-31'),
    ]
    expect(coming(all, '2026-11-01').map(one => one.key)).toEqual(['thanksgiving', 'christmas'])
    expect(coming(all, '2026-11-02').map(one => one.opens)).toEqual(['2026-11-15', '2027-10-25'])
    expect(nameOf(all[1] as Season)).toBe('thanksgiving 2026')
    expect(span('2026-10-25', '2026-11-01')).toBe('25 Oct – 1 Nov')
  })
})

describe('a campaign in words', () => {
  it('says when it goes out', () => {
    expect(when(CARD)).toBe('25 Oct from 10:00 AM, by each recipient’s clock')
    expect(when({})).toBe('Once it is started')
    expect(hour('00:30:00')).toBe('12:30 AM')
    expect(hour('21:05')).toBe('9:05 PM')
  })
  it('says why it stands still and what to do, and nothing where it goes', () => {
    const paused = (pause_reason: 'staff' | 'opt_outs' | 'provider') =>
      standstill({ ...CARD, state: 'paused', pause_reason })
    expect(paused('opt_outs')?.what).toContain('1 %')
    expect(paused('provider')?.todo).toContain('Texting')
    expect(paused('staff')?.todo).toContain('Resume')
    expect(standstill({ ...CARD, state: 'running' })).toBeNull()
  })
  it('is paused and stopped by anybody, started by chiefs alone', () => {
    expect(deeds('running', false)).toEqual(['pause', 'stop'])
    expect(deeds('paused', false)).toEqual(['stop'])
    expect(deeds('approved', false)).toEqual([])
    expect(deeds('approved', true)).toEqual(['start', 'withdraw'])
    for (const state of STATES) expect(deeds(state, true)).toEqual(expect.arrayContaining([...deeds(state, false)]))
  })
  it('has shares and spans that fit a glance', () => {
    expect([share(0, 0), share(1, 300), share(12, 40), share(0, 9)]).toEqual(['–', '0.3 %', '30 %', '0 %'])
    expect([lasting(0.4), lasting(1), lasting(80), lasting(600)]).toEqual([
      'under a minute',
      '1 minute',
      '80 minutes',
      '10 hours',
    ])
    expect(zoneName('America/Los_Angeles')).toBe('Los Angeles')
    expect(leftOut('no_consent')).toContain('never agreed')
    expect(leftOut('something_else')).toBe('something else')
    const tally = { recipients: 10, planned: 4 } as Parameters<typeof progress>[0]
    expect(progress(tally)).toBeCloseTo(0.6)
    expect(progress({ ...tally, recipients: 0, planned: 0 })).toBe(1)
  })
})

describe('a recipient', () => {
  const one: Recipient = {
    number: '+15105550199',
    customer: 'x',
    locale: 'en',
    zone: 'America/Los_Angeles',
    state: 'written',
    text_state: 'sent',
    due_at: '2026-11-01T18:00:00Z',
    reminded: false,
  }
  it('stands where they came furthest', () => {
    const at = '2026-11-01T19:00:00Z'
    expect(outcomeOf(one)).toBe('sent')
    expect(outcomeOf({ ...one, text_state: 'delivered', replied_at: at })).toBe('replied')
    expect(outcomeOf({ ...one, replied_at: at, booked_at: at })).toBe('booked')
    expect(outcomeOf({ ...one, replied_at: at, opted_out_at: at })).toBe('opted_out')
    expect(outcomeOf({ ...one, state: 'skipped', why: 'stopped' })).toBe('skipped')
    expect(outcomeOf({ ...one, text_state: 'unknown' })).toBe('failed')
    expect(outcomeOf({ ...one, text_state: 'waiting' })).toBe('waiting')
    expect(outcomeOf({ ...one, state: 'planned' })).toBe('planned')
  })
})

describe('a series', () => {
  const point = (at: string, sent: number): Point => ({
    at,
    sent,
    delivered: sent - 1,
    failed: 0,
    replied: 0,
    booked: 0,
    opted_out: 0,
  })
  const series = [point('2026-11-01T18:00:00Z', 5), point('2026-11-01T21:00:00Z', 2)]
  it('has every hour, also those in which nothing happened', () => {
    const points = whole({ series, unit: 'hour' })
    expect(points.map(one => one.sent)).toEqual([5, 0, 0, 2])
    expect(points[1]?.at).toBe('2026-11-01T19:00:00.000Z')
    expect(busy(points, WENT)).toHaveLength(2)
    expect(whole({ series: [], unit: 'day' })).toEqual([])
  })
  it('is drawn to the highest of it, and no bar where there is none', () => {
    const most = highest(series, WENT)
    expect(most).toBe(5)
    const [sentBar, delivered, failed] = grouped(series[0] as Point, 0, 2, WENT, most, { width: 100, height: 50 })
    // Two bars are as wide as of twelve.
    expect(sentBar?.x).toBeCloseTo(100 / 12 / 10)
    expect(sentBar).toMatchObject({ y: 0, height: 50 })
    expect(delivered?.height).toBe(40)
    expect(failed).toBeNull()
  })
})
