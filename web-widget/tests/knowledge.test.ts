import { describe, expect, it } from 'vitest'
import {
  begunFor,
  type Line,
  languageName,
  moves,
  often,
  part,
  standing,
  whence,
} from '../src/console/knowledge/knowledge'
import { coming } from '../src/console/knowledge/sending'
import { hashOf, readRoute } from '../src/console/route'

const LINE: Line = {
  id: 'd1',
  kind: 'markdown',
  origin: 'upload',
  title: 'Menu',
  language: 'en',
  audience: 'everyone',
  file_name: 'menu.md',
  state: 'ready',
  done: 3,
  total: 3,
  remarks: [],
  pieces: 3,
  held_back: 0,
  created_at: '2026-11-28T10:00:00Z',
  changed_at: '2026-11-28T10:00:00Z',
}

describe('how a document stands', () => {
  it.each<[Partial<Line>, string, boolean, number | null]>([
    [{ state: 'failed', error: 'No text' }, 'Could not be read', false, null],
    [{ state: 'waiting' }, 'Waits to be read', true, null],
    [{ state: 'reading', stage: 'fetching', total: 0 }, 'Fetching the page', true, null],
    [{ state: 'reading', stage: 'something new', total: 0 }, 'Being read', true, null],
    [{ state: 'reading', stage: 'embedding', done: 4, total: 10 }, 'Piece 5 of 10', true, 0.4],
    [{ state: 'reading', stage: 'embedding', done: 10, total: 10 }, 'Piece 10 of 10', true, 1],
    [{ pieces: 1 }, '1 piece', false, null],
    [{ pieces: 0 }, '0 pieces', false, null],
  ])('%o', (some, words, moving, done) => {
    const line = { ...LINE, ...some }
    expect([standing(line), moves(line), part(line)]).toEqual([words, moving, done])
  })
})

describe('in words', () => {
  it('says where a document came from', () => {
    expect(whence(LINE)).toBe('menu.md')
    expect(whence({ ...LINE, origin: 'page', address: 'https://www.example.com/faq/' })).toBe('example.com/faq')
    expect(whence({ ...LINE, origin: 'written' })).toBe('written here')
    const { file_name: _, ...nameless } = LINE
    expect(whence({ ...nameless, origin: 'seed' })).toBe('came with the gateway')
  })

  it('says how often, and in which language', () => {
    expect([often(1), often(4), languageName('es'), languageName('fr')]).toEqual([
      'asked once',
      'asked 4 times',
      'Español',
      'fr',
    ])
  })

  it('begins a document with the question, which is no other heading', () => {
    expect(begunFor('# Rain?\n## sun')).toBe('# Rain? sun\n\n')
  })
})

describe('files on their way', () => {
  it('stay where they failed until they are taken away', () => {
    const files = ['a', 'b'].map(id => ({ id, name: `${id}.md`, why: null }))
    let state = coming([], { type: 'picked', files })
    state = coming(state, { type: 'failed', id: 'a', why: 'Too large' })
    state = coming(state, { type: 'gone', id: 'b' })
    expect(state).toEqual([{ id: 'a', name: 'a.md', why: 'Too large' }])
    expect(coming(state, { type: 'gone', id: 'a' })).toEqual([])
  })
})

describe('the address', () => {
  it.each(['#/knowledge', '#/knowledge/questions', '#/knowledge/try', '#/knowledge/documents/01a221f2-0bd1'])(
    '%s',
    hash => {
      expect(readRoute(hash).view).toBe('knowledge')
      expect(hashOf(readRoute(hash))).toBe(hash)
    },
  )
})
