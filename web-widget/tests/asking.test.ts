import { describe, expect, it } from 'vitest'
import { chat, emptyChat } from '../src/protocol/chat'
import { ChatClient } from '../src/protocol/chat-client'
import type { ChatEvent, Ready } from '../src/protocol/wire'
import { strings } from '../src/widget/strings'
import { transcript } from '../src/widget/transcript'
import { FakeSocket, settled, TestClock } from './fake-socket'
import { type Frame, ServerModel } from './server-model'

const business = { name: 'My Hibachi', avatar: null, disclosure: '', hours: '', locale: 'en', open: true, theme: {} }

async function setUp(identity?: string) {
  const shelf = new Map<string, string>()
  const socket = new FakeSocket()
  const client = new ChatClient({
    base: '',
    site: 'demo',
    clock: new TestClock(),
    dial: socket.dial,
    shelf: {
      list: () => [],
      get: key => shelf.get(key) ?? null,
      put: (key, value) => void shelf.set(key, value),
      drop: key => void shelf.delete(key),
    },
  })
  const server = new ServerModel((f: Frame) => {
    if ('event' in f) socket.deliver('event', f.event)
  })
  if (identity) client.identify(identity)
  client.start()
  await settled()
  socket.accept()
  socket.deliver('ready', { ...server.snapshot({}), token: 'tok', business } as unknown as Ready)
  const answer = async (name: string, value: object) => {
    socket.of(name).at(-1)?.answer(value)
    await settled()
  }
  return { client, socket, server, shelf, answer, state: () => client.store.get() }
}
const refusal = { ok: false, error: { code: 'not_allowed', message: 'Not here.' } }

describe('what a visitor may be asked', () => {
  it('a grade is sent once, with its words', async () => {
    const { client, socket, answer, state } = await setUp()
    void client.rate(4, 'quick')
    expect(socket.of('rate')[0]?.payload).toMatchObject({ score: 4, comment: 'quick' })
    await answer('rate', { ok: true })
    expect(state().asked.rate).toBe('given')
  })

  it('is not asked where the gateway does not offer it, and nobody is bothered with that', async () => {
    const { client, answer, state } = await setUp()
    void client.rate(4, '')
    await answer('rate', refusal)
    expect(state().asked.rate).toBe('off')
    expect(state().notice).toBeNull()
  })

  it('a refusal of another kind says why and asks again', async () => {
    const { client, answer, state } = await setUp()
    void client.profile({ email: 'x' })
    await answer('profile', { ok: false, error: { code: 'bad_request', message: 'This is no e-mail address.' } })
    expect(state().asked.profile).toBe('open')
    expect(state().notice).toBe('This is no e-mail address.')
  })

  it('after a reopened talk it may be graded again', async () => {
    const { client, server, answer, state } = await setUp()
    void client.rate(5, '')
    await answer('rate', { ok: true })
    server.customer('One more thing')
    expect(state().asked.rate).toBe('open')
  })

  it('how to reach one is remembered in this browser, or that it is not wanted', async () => {
    const { client, shelf, state } = await setUp()
    client.noProfile()
    expect(state().asked.profile).toBe('off')
    expect(shelf.get('hibachi:demo:profile')).toBe('1')
  })

  it('is a plain change of state', () => {
    expect(chat(emptyChat, { type: 'asked', what: 'rate', now: 'off' }).asked).toEqual({ rate: 'off', profile: 'open' })
  })
})

describe('who the page says the visitor is', () => {
  it('goes with a new connection, and once', async () => {
    const { client, socket } = await setUp()
    client.identify('jwt')
    expect(socket.connected).toBe(false)
    socket.connect()
    await settled()
    expect(socket.auths.at(-1)).toMatchObject({ site: 'demo', identity: 'jwt' })
    socket.accept()
    client.identify('jwt')
    expect(socket.connected).toBe(true)
  })
})

describe('signing out', () => {
  it('leaves whom no page has named alone: pages say it to every visitor', async () => {
    const { client, socket, shelf } = await setUp()
    client.identify(null)
    expect(socket.connected).toBe(true)
    expect(shelf.get('hibachi:demo:token')).toBe('tok')
  })

  it('forgets the conversation, what was to be sent, and the key; a later page can do it too', async () => {
    for (const later of [false, true]) {
      const { client, socket, server, shelf, state } = await setUp(later ? undefined : 'jwt')
      server.customer('My secret order')
      client.say('never sent')
      if (later) shelf.set('hibachi:demo:who', '1')
      client.identify(null)
      expect([...shelf]).toEqual([])
      expect(state().thread.events).toEqual([])
      expect(state().outbox).toEqual([])
      expect(socket.connected).toBe(false)
      socket.connect()
      await settled()
      expect(socket.auths.at(-1)).toEqual({ site: 'demo' })
    }
  })

  it('reaches this tab from another one, or from a page that clears its storage', async () => {
    for (const key of ['hibachi:demo:token', null]) {
      const { client, socket, server, shelf, state } = await setUp()
      server.customer('My secret order')
      client.cleared('something else')
      client.cleared(key)
      expect(state().thread.events).toHaveLength(1)
      shelf.clear()
      client.cleared('something else')
      expect(state().thread.events).toHaveLength(1)
      client.cleared(key)
      expect(state().thread.events).toEqual([])
      expect(socket.connected).toBe(false)
    }
  })
})

describe('the transcript', () => {
  it('holds every word in order, by whom, and what was cut', async () => {
    const { server, state } = await setUp()
    server.customer('How much?')
    server.start()
    server.chunk('**690** dollars', 15)
    server.own('human')
    const text = transcript(state().thread, 'My Hibachi', strings('es'), 'es')
    expect(text).toContain('Tú: How much?')
    expect(text).toContain('Assistant: **690** dollars (interrumpido)')
    expect(text.indexOf('How much')).toBeLessThan(text.indexOf('690'))
    expect(text.startsWith('My Hibachi')).toBe(true)
  })
  it('holds a quote as it was told', async () => {
    const { server, state } = await setUp()
    const card = { id: 'q', type: 'quote' as const, state: 'open', version: 1, title: 'Quote', total: '$690' }
    server.append({ kind: 'card', card })
    expect(transcript(state().thread, 'B', strings('en'), 'en')).toMatch(/\] Quote\. Total \$690\.\n$/)
  })
  it('is only what was said', () => {
    const events = [{ kind: 'closed', seq: 1, at: '2026-01-01T00:00:00Z' } as ChatEvent]
    expect(transcript({ ...emptyChat.thread, events }, 'B', strings('en'), 'en')).toBe('B\n')
  })
})
