// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import {
  asked,
  changes,
  coloured,
  draftOf,
  embedding,
  keyOf,
  originsOf,
  type Site,
  swatch,
} from '../src/console/settings/site'

const SNIPPET = '<script async src="https://chat.example.org/widget.js" data-site="shop"></script>'
const site: Site = {
  key: 'shop',
  name: 'Shop',
  origins: ['https://a.example', 'https://b.example'],
  theme: { '--ember': '#123456', '--line': 'rgb(1 2 3)' },
  ask: ['name', 'phone'],
  greeting: { en: 'Hungry?' },
  allow_own_origin: false,
  allow_no_origin: false,
  snippet: SNIPPET,
}
const draft = draftOf(site)

describe('what a draft changes', () => {
  it('is nothing where it says the same, however it is spaced', () => {
    expect(changes(site, draft)).toBeNull()
    expect(
      changes(site, { ...draft, name: ' Shop ', origins: ' https://a.example ,\n\nhttps://b.example\n' }),
    ).toBeNull()
    expect(changes(site, { ...draft, theme: { '--line': 'rgb(1 2 3)', '--ember': '#123456' } })).toBeNull()
  })
  it('is only what differs', () => {
    expect(changes(site, { ...draft, name: 'Store' })).toEqual({ name: 'Store' })
    expect(changes(site, { ...draft, origins: '' })).toEqual({ origins: [] })
    expect(changes(site, { ...draft, ask: [] })).toEqual({ ask: [] })
    expect(changes(site, { ...draft, greeting: { en: ' Hungry? ', es: ' ' } })).toBeNull()
    expect(changes(site, { ...draft, greeting: { en: '', es: '¿Hay  hambre?' } })).toEqual({
      greeting: { es: '¿Hay hambre?' },
    })
  })
  it('keeps colours of the site that the page does not offer', () => {
    expect(changes(site, coloured(draft, '--ember', ' #ABCDEF '))).toEqual({
      theme: { '--ember': '#abcdef', '--line': 'rgb(1 2 3)' },
    })
    expect(changes(site, coloured(draft, '--ember', ' '))).toEqual({ theme: { '--line': 'rgb(1 2 3)' } })
  })
})

describe('questions', () => {
  it('keep their order, whichever is ticked first', () => {
    expect(asked(['phone'], 'name', true)).toEqual(['name', 'phone'])
    expect(asked(['name', 'phone'], 'name', false)).toEqual(['phone'])
    expect(asked([], 'email', false)).toEqual([])
  })
})

describe('fields', () => {
  it.each([
    ['#abc', '#aabbcc'],
    ['#aabbcc', '#aabbcc'],
    ['rgb(1 2 3)', '#c2410c'],
    ['#ab', '#c2410c'],
    [undefined, '#c2410c'],
  ])('the colour field shows %s as %s', (value, shown) => {
    expect(swatch(value, '--ember')).toBe(shown)
  })
  it.each([
    ['My Restaurant', 'my-restaurant'],
    ['  Café & Señor!  ', 'cafe-senor'],
    ['日本', ''],
    ['-a-', 'a'],
    [`${'x'.repeat(39)} y`, 'x'.repeat(39)],
  ])('%j has the key %j', (name, key) => {
    expect(keyOf(name)).toBe(key)
  })
  it('reads origins however they are parted', () => {
    expect(originsOf(' https://a.example, https://b.example\nhttps://c.example ')).toHaveLength(3)
    expect(originsOf(' \n')).toEqual([])
  })
})

describe('the line for a page', () => {
  const none = { silent: false, locale: '' } as const
  it('is as the server made it where nothing is chosen', () => {
    expect(embedding(SNIPPET, none)).toBe(SNIPPET)
  })
  it('holds what is chosen for the page', () => {
    const host = document.createElement('template')
    host.innerHTML = embedding(SNIPPET, { silent: true, locale: 'es' })
    const script = host.content.firstElementChild as HTMLElement
    expect(host.content.childNodes).toHaveLength(1)
    expect({ ...script.dataset }).toEqual({ site: 'shop', greeting: 'off', locale: 'es' })
  })
})
