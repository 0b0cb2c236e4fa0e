import { describe, expect, it } from 'vitest'
import { ALL, csv, did, type Entry, placeOf, question, who } from '../src/console/settings/trail'

const entry = (action: string, more: Partial<Entry> = {}): Entry => ({
  id: '1',
  at: '2026-01-02T03:04:05Z',
  actor_kind: 'staff',
  actor_id: 'dana',
  actor_name: 'Dana',
  action,
  details: {},
  ...more,
})

describe('an entry in plain words', () => {
  it.each([
    ['staff.login', { details: { by: 'link' } }, 'signed in by a link'],
    ['staff.login', { details: { by: 'password' } }, 'signed in with a password'],
    ['staff.invited', { subject_name: 'Kim', details: { role: 'agent' } }, 'invited Kim as agent'],
    ['staff.changed', { subject: 'dana', details: { changed: ['name'] } }, 'changed their own name'],
    [
      'staff.changed',
      { subject_name: 'Kim', details: { changed: ['name', 'role'], role: 'admin' } },
      'renamed Kim, made Kim admin',
    ],
    ['staff.changed', { subject_name: 'Kim', details: { changed: ['disabled_at'] } }, 'reactivated Kim'],
    ['staff.disabled', {}, 'deactivated an account'],
    [
      'site.changed',
      { details: { key: 'shop', changed: ['identity_secret', 'name'] } },
      'changed the site shop: identity secret, name',
    ],
    ['conversation.take', { details: { force: true } }, 'took over from a colleague'],
    ['canned_reply.deleted', { details: { shortcut: 'hello' } }, 'deleted the saved reply /hello'],
    ['profile.saved', { subject: '7' }, 'saved the business profile, version 7'],
    ['api_token.made', { details: { name: 'Till', scopes: [] } }, 'made the API token Till'],
    ['document.changed', { details: { changed: ['text', 'title'] } }, 'changed a document: text, title'],
    ['corpus_index.begun', { details: { model: 'minilm' } }, 'had all vectors made anew by minilm'],
    // What has no words here is told in its own.
    ['till_roll.added', { details: { name: 'Till' } }, 'added till roll Till'],
    ['till_roll.switched_off', {}, 'switched off till roll'],
    ['strange', {}, 'strange'],
    ['site.changed', { details: { changed: 'no list', key: 7 } }, 'changed the site'],
  ] as const)('%s %j', (action, more, words) => {
    expect(did(entry(action, more as Partial<Entry>))).toBe(words)
  })
  it('names who did it as well as it can', () => {
    expect(who(entry('x.y'))).toBe('Dana')
    expect(who(entry('x.y', { actor_name: undefined }))).toBe('Somebody of the staff')
    expect(who(entry('x.y', { actor_kind: 'cli', actor_name: undefined }))).toBe('The command line')
    expect(who(entry('x.y', { actor_kind: 'robot', actor_name: undefined }))).toBe('robot')
  })
  it('leads to what is still there, and to nothing else', () => {
    expect(placeOf(entry('conversation.take', { subject: 'c1' }))).toBe('#/c/c1')
    expect(placeOf(entry('handoff.claim', { subject: 'c1' }))).toBe('#/c/c1')
    expect(placeOf(entry('document.added', { subject: 'd1' }))).toBe('#/knowledge/documents/d1')
    expect(placeOf(entry('document.deleted', { subject: 'd1' }))).toBeNull()
    expect(placeOf(entry('conversation.take'))).toBeNull()
    expect(placeOf(entry('site.changed', { subject: 's1' }))).toBeNull()
  })
})

describe('the question to the server', () => {
  it('says nothing that was not chosen', () => {
    expect(question(ALL)).toBe('audit')
    expect(question({ ...ALL, day: 'soon' })).toBe('audit')
  })
  it('takes a day from midnight to midnight, where the reader is', () => {
    const asked = new URLSearchParams(question({ actor: 'dana', action: 'site', day: '2026-03-08' }).split('?')[1])
    expect(asked.get('since')).toBe(new Date(2026, 2, 8).toISOString())
    expect(asked.get('until')).toBe(new Date(2026, 2, 9).toISOString())
    expect(asked.get('actor')).toBe('dana')
    expect(asked.get('action')).toBe('site')
  })
  it('goes on where the page before ended', () => {
    expect(question(ALL, { cursor: 'abc', limit: 500 })).toBe('audit?cursor=abc&limit=500')
  })
})

describe('the file', () => {
  it('keeps commas, quotes and line breaks in their cell, and no formula', () => {
    const evil = entry('x.y', { actor_name: '=HYPERLINK("http://a.example","x")', details: { a: 'b,\n"c"' } })
    const [head, row] = csv([evil]).split('\r\n')
    expect(head).toBe('when,who,did,action,subject,details')
    expect(row).toBe(
      `2026-01-02T03:04:05Z,"'=HYPERLINK(""http://a.example"",""x"")",y x,x.y,,"{""a"":""b,\\n\\""c\\""""}"`,
    )
  })
  it.each(['+1', '-1', '@x', '\t='])('%s at the start of a cell is text', name => {
    expect(csv([entry('x.y', { actor_name: name })]).split('\r\n')[1]).toContain(`,'${name}`)
  })
})
