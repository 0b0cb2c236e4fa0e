import { describe, expect, it } from 'vitest'
import { coming, type Files, files, hopeless, inWords, LARGEST, MOST, ready, sizeLabel } from '../src/protocol/files'
import { type Carried, type Carry, Porter } from '../src/protocol/porter'

const PLACE = 'here'
const file = (name: string, type = 'image/png', size = 9) => ({ id: name, name, type, size })
const upload = (id: string) => ({ id: `up-${id}`, name: `${id}.png`, type: 'image/png', size: 9 })
const picked = (...names: string[]): Files =>
  files([], { type: 'picked', place: PLACE, files: names.map(n => file(n)) })
const done = (state: Files, id: string) =>
  files(state, { type: 'set', id, to: { state: 'done', part: 1, upload: upload(id) } })
const lost = (state: Files, id: string) => files(state, { type: 'set', id, to: { state: 'failed', why: 'lost' } })

describe('files that were picked', () => {
  it.each([
    [file('a.heic', 'image/heic'), 'kind'],
    [file('a.svg', 'image/svg+xml'), 'kind'],
    [file('folder', ''), 'kind'],
    [file('a.png', 'image/png', LARGEST + 1), 'large'],
    [file('a.png', 'image/png', LARGEST), null],
    [file('a.pdf', 'application/pdf'), null],
  ])('are judged before they go: %j', (one, why) => {
    const [found] = files([], { type: 'picked', place: PLACE, files: [one] })
    expect(found).toMatchObject({ why, state: why ? 'failed' : 'waiting' })
  })

  it('are as many as a message takes; what does not go anyway is not counted, nor another field’s', () => {
    const nine = files(picked(...Array.from({ length: MOST - 1 }, (_, i) => `${i}`)), {
      type: 'picked',
      place: 'elsewhere',
      files: [file('other')],
    })
    const more = files(nine, {
      type: 'picked',
      place: PLACE,
      files: [file('x.exe', 'x'), file('tenth'), file('eleventh')],
    })
    expect(more.slice(-3).map(f => f.why)).toEqual(['kind', null, 'many'])
  })

  it('hold a message until they are there, and then are part of it', () => {
    const two = picked('a', 'b')
    expect([coming(two, PLACE), coming(two, 'elsewhere')]).toEqual([true, false])
    const one = done(two, 'a')
    expect([coming(one, PLACE), ready(one, PLACE)]).toEqual([true, [upload('a')]])
    const both = done(one, 'b')
    expect([coming(both, PLACE), ready(both, PLACE)]).toEqual([false, [upload('a'), upload('b')]])
    expect(ready(both, 'elsewhere')).toEqual([])
  })

  it('go when they are said; what got lost stays to be tried again', () => {
    const state = files(lost(done(picked('a', 'b'), 'a'), 'b'), {
      type: 'picked',
      place: PLACE,
      files: [file('c', 'text/html')],
    })
    expect(files(state, { type: 'said', place: 'elsewhere' })).toHaveLength(3)
    expect(files(state, { type: 'said', place: PLACE }).map(f => f.id)).toEqual(['b'])
  })

  it('are sent again after a lost connection, all of them to a server that knows none', () => {
    const refused = files([], { type: 'picked', place: PLACE, files: [file('c', 'text/html')] })
    const state = [...lost(done(picked('a', 'b'), 'a'), 'b'), ...refused]
    const states = (fresh: boolean) => files(state, { type: 'up', fresh }).map(f => f.state)
    expect(states(false)).toEqual(['done', 'waiting', 'failed'])
    expect(states(true)).toEqual(['waiting', 'waiting', 'failed'])
    expect(ready(files(state, { type: 'up', fresh: true }), PLACE)).toEqual([])
  })

  it('are not called back by news of what was dropped', () => {
    const state = files(picked('a'), { type: 'drop', id: 'a' })
    expect(done(state, 'a')).toEqual([])
  })
})

describe('the porter', () => {
  function porter() {
    let state: Files = []
    const asked: { name: string; over: (answer: Carried) => void; part: (n: number) => void; ended: boolean }[] = []
    const carry: Carry = (one, part, over) => {
      const ask = { name: one.name, over, part, ended: false }
      asked.push(ask)
      return () => {
        ask.ended = true
      }
    }
    let ids = 0
    const made = new Porter(
      () => state,
      action => {
        state = files(state, action)
        made.pump()
      },
      carry,
      id => (id === 'gone' ? Promise.reject(new Error('404')) : Promise.resolve(new Blob([id]))),
      () => `${++ids}`,
    )
    const pick = (...names: string[]) =>
      made.pick(
        PLACE,
        names.map(n => new File(['x'], n, { type: n.endsWith('exe') ? '' : 'image/png' })),
      )
    return { made, asked, pick, now: () => state, last: () => asked.at(-1) as (typeof asked)[number] }
  }

  it('carries one after the other, in order, and tells how far it is', () => {
    const { asked, pick, now, last } = porter()
    pick('a', 'x.exe', 'b')
    expect(asked.map(a => a.name)).toEqual(['a'])
    last().part(0.5)
    expect(now()[0]).toMatchObject({ state: 'sending', part: 0.5 })
    last().over(upload('a'))
    expect(asked.map(a => a.name)).toEqual(['a', 'b'])
    last().over(upload('b'))
    expect(now().map(f => f.state)).toEqual(['done', 'failed', 'done'])
  })

  it.each([
    [null, 'lost', false],
    [{ error: { code: 'unavailable', message: '' } }, 'lost', false],
    [{ error: { code: 'rate_limited', message: '' } }, 'spent', false],
    [{ error: { code: 'too_large', message: '' } }, 'large', true],
    [{ error: { code: 'bad_request', message: '' } }, 'kind', true],
  ] as const)('says why one did not go, and tries again where that helps: %j', (answer, why, never) => {
    const { asked, pick, now, last, made } = porter()
    pick('a')
    last().over(answer as Carried)
    const [one] = now()
    expect(one).toMatchObject({ state: 'failed', why })
    expect(one && hopeless(one)).toBe(never)
    made.retry('1')
    last().over(upload('a'))
    expect([asked.length, now()[0]?.state, now()[0]?.why]).toEqual([2, 'done', null])
  })

  it('ends what is dropped on its way, and goes on with the next', () => {
    const { asked, pick, now, made } = porter()
    pick('a', 'b')
    made.drop('1')
    expect(asked[0]?.ended).toBe(true)
    expect(asked.map(a => a.name)).toEqual(['a', 'b'])
    made.drop('2')
    expect(now()).toEqual([])
  })

  it('asks for what is known once, and again for what failed', async () => {
    const { made, pick, last } = porter()
    pick('a')
    last().over(upload('a'))
    expect(await (await made.read('up-a')).text()).toBe('x')
    expect(made.read('theirs')).toBe(made.read('theirs'))
    const first = made.read('gone')
    await expect(first).rejects.toThrow()
    expect(made.read('gone')).not.toBe(first)
    await expect(made.read('gone')).rejects.toThrow()
  })
})

describe('where there are no pictures', () => {
  it('files stand by their names', () => {
    expect(inWords({ text: 'Look', attachments: [upload('a'), upload('b')] })).toBe('Look [a.png] [b.png]')
    expect(inWords({ text: '', attachments: [upload('a')] })).toBe('[a.png]')
    expect(inWords({ text: 'Only words' })).toBe('Only words')
  })

  it('sizes are said as people do', () => {
    expect([1, 999_001, 1_250_000, LARGEST].map(n => sizeLabel(n, 'en'))).toEqual(['1 KB', '976 KB', '1.2 MB', '10 MB'])
  })
})
