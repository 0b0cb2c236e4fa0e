import { describe, expect, it } from 'vitest'
import { because, inCommon, others, type Person, silence } from '../src/console/people/people'
import { counted, tooLong } from '../src/console/Segments'
import { inWords, textsOf } from '../src/console/TextMark'
import { staffText } from '../src/console/words'
import { lines } from '../src/protocol/lines'
import { emptyThread } from '../src/protocol/thread'
import type { StaffEvent } from '../src/protocol/wire'

const AT = '2026-11-28T20:00:00Z'
const STAFF = { conversation: 'c', at: AT }
const text = (staff_seq: number, state: string, more = {}) =>
  ({ ...STAFF, staff_seq, kind: 'text', text: 't', message: 'm', state, segments: 1, ...more }) as unknown as StaffEvent
const linked = (what: string, by: string) =>
  ({ ...STAFF, staff_seq: 9, kind: 'linked', what, by: { kind: by, name: 'Dana' } }) as unknown as StaffEvent

describe('what became of a text', () => {
  it('is the last word of its message, and no line of the thread', () => {
    const staff = [text(1, 'waiting'), text(2, 'sent'), text(3, 'delivered', { segments: 2 })]
    expect(textsOf(staff).get('m')).toMatchObject({ state: 'delivered' })
    expect(lines({ ...emptyThread, staff }, [], null, '')).toEqual([])
  })
  it('is told in words, with what went wrong and how long it was', () => {
    expect(inWords({ state: 'delivered', error: null, segments: 2 })).toBe('Delivered by text · 2 segments')
    expect(inWords({ state: 'failed', error: 'No text can go to this number', segments: 1 })).toBe(
      'Not delivered by text: No text can go to this number',
    )
  })
  it('counts while one writes as the gateway will', () => {
    expect(counted('')).toBe('Goes out by text')
    expect(counted('a'.repeat(160))).toBe('By text · 1 segment · 0 left')
    expect(counted('a'.repeat(161))).toBe('By text · 2 segments · 145 left')
    expect(counted('It’s “fine”')).toBe('By text · 1 segment · 149 left')
  })
  it('warns of what no phone gets whole', () => {
    expect(tooLong('a'.repeat(6 * 153))).toBeNull()
    expect(tooLong('a'.repeat(6 * 153 + 1))).toBe('7 segments: they get 2, and a link to the whole')
  })
})

describe('one person', () => {
  it('is known by what two have in common, and by how it was proved', () => {
    expect(inCommon(['phone'])).toBe('The same phone number')
    expect(inCommon(['email', 'name'])).toBe('The same e-mail address and name')
    const joined = { id: 'j', at: AT, may_part: true } as const
    expect(because({ ...joined, reason: 'phone_code' })).toContain('Proved by a code')
    expect(because({ ...joined, reason: 'staff', by: 'Dana' })).toContain('Dana said so')
  })
  it('has other conversations beside the one that is open', () => {
    const talk = { channel: 'sms', state: 'open', preview: '', at: AT }
    const person = {
      conversations: [
        { ...talk, id: 'a' },
        { ...talk, id: 'b' },
      ],
    } as unknown as Person
    expect(others(person, 'a').map(one => one.id)).toEqual(['b'])
  })
  it('is said to be taken for a machine, why and how long, while it is', () => {
    const now = Date.parse(AT)
    const until = new Date(now + 3_600_000).toISOString()
    expect(silence({ until, why: 'echo' }, now)).toMatch(
      /^It sent back what it got\. The assistant answers nothing here until .+\. You still can\.$/,
    )
    expect(silence({ until }, now)).toMatch(/^The assistant answers nothing here/)
    expect([silence({ until }, now + 3_600_000), silence(undefined, now)]).toEqual([null, null])
    const unmuted = { ...STAFF, staff_seq: 9, kind: 'unmuted', by: { kind: 'human', name: 'Dana' } }
    expect(staffText(unmuted as never)).toBe('Dana let the assistant answer this number again')
  })
  it('is told in the thread, by whoever said so', () => {
    expect(staffText(linked('merged', 'human') as never)).toContain('Dana said')
    expect(staffText(linked('merged', 'system') as never)).toBe('This customer was joined with another customer')
    expect(staffText(linked('parted', 'human') as never)).toContain('two people')
    expect(staffText(linked('phone', 'customer') as never)).toContain('phone number')
  })
})
