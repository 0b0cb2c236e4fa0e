import { describe, expect, it } from 'vitest'
import { hashOf, readRoute } from '../src/console/route'
import { type Loaded, loaded, NOT_YET } from '../src/console/settings/loading'
import { byName, type Colleague, grantable, inReach, lastSeen } from '../src/console/settings/people'
import { GROUPS, nextPage, PAGES, pagesFor, type SettingsPage } from '../src/console/settings/registry'

describe('an address of the console', () => {
  it.each(['#/', '#/live', '#/handoffs', '#/c/0190-a_b', '#/settings', '#/settings/sites', '#/settings/sites/my-shop'])(
    '%s leads back to itself',
    hash => {
      expect(hashOf(readRoute(hash))).toBe(hash)
    },
  )
  it.each(['', '#', '#/nowhere', '#/settings/', '#/settings/a/b/c', '#/settings/%3Cb%3E', '#sign-in=x', '#/c/'])(
    '%s is no place: the inbox',
    hash => {
      expect(readRoute(hash)).toEqual({ view: 'inbox', conversation: null, page: null, item: null })
    },
  )
  it('has no thing without its page', () => {
    expect(hashOf({ view: 'settings', conversation: null, page: null, item: 'x' })).toBe('#/settings')
  })
})

const page = (id: string, group: SettingsPage['group'], roles: SettingsPage['roles']): SettingsPage => ({
  id,
  title: id,
  group,
  roles,
  icon: [],
  load: () => Promise.reject(new Error('not opened here')),
})
const SOME = [
  page('trail', 'Trail', ['owner']),
  page('me', 'You', ['owner', 'agent']),
  page('shop', 'Business', ['owner']),
]

describe('the pages of the settings', () => {
  it('are those of the role, as the navigation shows them', () => {
    expect(pagesFor('owner', SOME).map(p => p.id)).toEqual(['me', 'shop', 'trail'])
    expect(pagesFor('agent', SOME).map(p => p.id)).toEqual(['me'])
    expect(pagesFor(undefined, SOME)).toEqual([])
  })
  it('are stepped through, and end at the ends', () => {
    expect(nextPage('owner', 'me', 1, SOME)).toBe('shop')
    expect(nextPage('owner', 'trail', 1, SOME)).toBe('trail')
    expect(nextPage('owner', 'me', -1, SOME)).toBe('me')
    expect(nextPage('owner', null, 1, SOME)).toBe('shop')
    expect(nextPage(undefined, null, 1, SOME)).toBeNull()
  })
  it('have one address each, that can be read, and a known group', () => {
    expect(new Set(PAGES.map(p => p.id)).size).toBe(PAGES.length)
    for (const p of PAGES) {
      expect(readRoute(`#/settings/${p.id}`).page).toBe(p.id)
      expect(GROUPS).toContain(p.group)
    }
  })
})

describe('what a page has asked for', () => {
  const here = loaded<string[]>(NOT_YET, { type: 'here', value: ['a'] })

  it('stays while it is asked for again, also where that fails', () => {
    const asked = loaded(here, { type: 'ask' })
    expect(asked).toEqual({ value: ['a'], waiting: true, why: null })
    expect(loaded(asked, { type: 'failed', why: 'gone' })).toEqual({ value: ['a'], waiting: false, why: 'gone' })
  })
  it('says why it is not there, until it is', () => {
    const failed: Loaded<string[]> = loaded<string[]>(NOT_YET, { type: 'failed', why: 'gone' })
    expect(failed).toEqual({ value: null, waiting: false, why: 'gone' })
    expect(loaded(failed, { type: 'here', value: ['b'] })).toEqual({ value: ['b'], waiting: false, why: null })
  })
  it('takes a change where there is something to change', () => {
    expect(loaded(here, { type: 'changed', change: v => [...v, 'b'] }).value).toEqual(['a', 'b'])
    expect(loaded<string[]>(NOT_YET, { type: 'changed', change: v => [...v, 'b'] })).toBe(NOT_YET)
  })
})

const colleague = (id: string, more: Partial<Colleague> = {}): Colleague => ({
  id,
  email: `${id}@example.com`,
  name: id,
  role: 'agent',
  disabled: false,
  must_change: false,
  ...more,
})

describe('what a role may do to an account', () => {
  it.each([
    ['owner', 'owner', true],
    ['owner', 'agent', true],
    ['admin', 'owner', false],
    ['admin', 'admin', true],
    ['agent', 'agent', false],
    [undefined, 'agent', false],
  ] as const)('%s over %s: %s', (role, theirs, may) => {
    expect(inReach({ id: 'me', role }, colleague('you', { role: theirs }))).toBe(may)
  })
  it('is nothing to one’s own', () => {
    expect(inReach({ id: 'me', role: 'owner' }, colleague('me', { role: 'owner' }))).toBe(false)
  })
  it('is to give no higher one than one’s own', () => {
    expect(grantable('owner')).toContain('owner')
    expect(grantable('admin')).toEqual(['admin', 'agent'])
    expect(grantable('agent')).toEqual([])
    expect(grantable(undefined)).toEqual([])
  })
})

describe('the list of colleagues', () => {
  it('has whoever was deactivated last, and does not change what it was given', () => {
    const all = [colleague('zoe'), colleague('abe', { disabled: true }), colleague('Bea')]
    expect(byName(all).map(one => one.id)).toEqual(['Bea', 'zoe', 'abe'])
    expect(all.map(one => one.id)).toEqual(['zoe', 'abe', 'Bea'])
  })
  it('says when each was last here', () => {
    const now = Date.parse('2026-01-01T12:00:00Z')
    const said = (more: Partial<Colleague>) => lastSeen(colleague('a', more), now, at => `on ${at}`)
    expect(said({ last_seen_at: '2026-01-01T11:50:00Z' })).toBe('Just now')
    expect(said({ last_seen_at: '2026-01-01T10:00:00Z' })).toBe('On 2026-01-01T10:00:00Z')
    expect(said({ must_change: true })).toBe('Not yet')
    expect(said({})).toBe('Not this month')
  })
})
