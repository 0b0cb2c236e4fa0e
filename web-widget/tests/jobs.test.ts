import { describe, expect, it } from 'vitest'
import {
  alarms,
  bars,
  busy,
  comingOf,
  type Duty,
  dutyState,
  type JobKind,
  type Jobs,
  lasted,
} from '../src/console/settings/jobs'
import { pagesFor } from '../src/console/settings/registry'

const kind = (more: Partial<JobKind>): JobKind => ({
  kind: 'send_email',
  queue: 'long',
  new: 0,
  later: 0,
  working: 0,
  done: 0,
  dead: 0,
  retries: 0,
  oldest_seconds: 0,
  ...more,
})
const duty = (more: Partial<Duty>): Duty => ({
  name: 'backup',
  slot: '2026-11-28T12:00:00Z',
  started_at: '2026-11-28T12:00:00Z',
  attempts: 1,
  ...more,
})
const jobs = (more: Partial<Jobs>): Jobs => ({
  at: '2026-11-28T12:00:00Z',
  kinds: [],
  failures: [],
  hours: [],
  duties: [],
  workers: [{ name: 'w', started_at: '', seen_at: '', alive: true }],
  coming: [],
  ...more,
})

describe('kinds of jobs', () => {
  it('shows those that have something to show, the dead first', () => {
    const shown = busy([
      kind({ kind: 'a', done: 9 }),
      kind({ kind: 'b' }),
      kind({ kind: 'c', dead: 1 }),
      kind({ kind: 'd', new: 2 }),
    ])
    expect(shown.map(one => one.kind)).toEqual(['c', 'd', 'a'])
  })

  it('says how long something lasted', () => {
    expect([0.04, 0.44, 12, 89, 200, 7200].map(lasted)).toEqual(['0 s', '0.4 s', '12 s', '89 s', '3 min', '2 h'])
  })

  it('says what comes next', () => {
    const coming = { id: '1', at: '', kind: 'booking_timer' }
    expect(comingOf({ ...coming, what: 'deposit_reminder', booking: 12 })).toBe('Deposit reminder of booking 12')
    expect(comingOf({ ...coming, kind: 'send_email', what: 'again' })).toBe('Sending an e-mail, another try')
    expect(comingOf({ ...coming, kind: 'send_birthday_card' })).toBe('send birthday card')
  })
})

describe('alarms', () => {
  it('are none where all is well', () => {
    const later = kind({ later: 3, oldest_seconds: -900 })
    expect(alarms(jobs({ kinds: [later], duties: [duty({ finished_at: '2026-11-28T12:01:00Z' }), duty({})] }))).toEqual(
      [],
    )
  })

  it('tell of no worker, of jobs that are late, of a duty that failed', () => {
    const failed = duty({ finished_at: '2026-11-28T12:01:00Z', error: 'BackupFault' })
    const found = alarms(jobs({ workers: [], kinds: [kind({ new: 1, oldest_seconds: 4000 })], duties: [failed] }))
    expect(found).toHaveLength(3)
    expect(found[1]).toContain('67 min')
    expect(found[2]).toBe('Backup failed: BackupFault.')
  })

  it('know a duty that is tried again from one that runs', () => {
    expect(
      [duty({}), duty({ error: 'X' }), duty({ finished_at: 'x' }), duty({ finished_at: 'x', error: 'X' })].map(
        dutyState,
      ),
    ).toEqual(['running', 'again', 'good', 'bad'])
  })
})

describe('bars', () => {
  it('are as tall as their values, none sticks out, and the smallest is seen', () => {
    const found = bars([0, 1, 1000], 300, 70)
    expect(found.map(bar => bar.height)).toEqual([0, 2, 70])
    for (const bar of found) expect(bar.y + bar.height).toBe(70)
    for (const bar of found) expect(bar.x + bar.width).toBeLessThanOrEqual(300)
  })

  it('are flat where nothing was done', () => {
    expect(bars([0, 0], 300, 70).every(bar => bar.height === 0)).toBe(true)
    expect(bars([], 300, 70)).toEqual([])
  })
})

it('is a page for owners and admins alone', () => {
  expect(pagesFor('agent').some(page => page.id === 'jobs')).toBe(false)
  expect(pagesFor('admin').some(page => page.id === 'jobs')).toBe(true)
})
