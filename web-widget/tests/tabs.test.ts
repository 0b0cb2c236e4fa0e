import { describe, expect, it } from 'vitest'
import { ChatClient } from '../src/protocol/chat-client'
import { type Host, together } from '../src/protocol/tabs'
import { currentReply } from '../src/protocol/thread'
import { FakeSocket, settled, TestClock } from './fake-socket'
import { type Frame, ServerModel } from './server-model'

const business = { name: 'B', disclosure: '', greeting: '', ask: [] } as never
type Answer = { ok: boolean; seq?: number }

/** Locks and a channel as a browser has them: one holder, a queue, stealing; messages in order, never to oneself. */
class Browser {
  readonly clock = new TestClock()
  readonly shelf = new Map<string, string>()
  readonly tabs: Tab[] = []
  private holder: { reject(e: Error): void } | null = null
  private queue: (() => void)[] = []
  /** Tabs that stand still, with what waits for them. */
  readonly stuck = new Map<Tab, (() => void)[]>()
  readonly server = new ServerModel((f: Frame) => {
    const [name, payload] = 'event' in f ? ['event', f.event] : 'delta' in f ? ['delta', f.delta] : ['head', f.head]
    for (const tab of this.tabs) if (tab.socket.connected) tab.socket.deliver(name as string, payload)
  })

  request(given: { steal?: boolean; signal?: AbortSignal }, hold: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const mine = { reject }
      const grant = () => {
        this.holder = mine
        void Promise.resolve(hold()).then(value => {
          if (this.holder === mine) this.free()
          resolve(value)
        })
      }
      if (given.steal) {
        this.holder?.reject(new Error('stolen'))
        queueMicrotask(grant)
      } else if (this.holder) {
        this.queue.push(grant)
        given.signal?.addEventListener('abort', () => {
          this.queue = this.queue.filter(g => g !== grant)
          reject(new Error('aborted'))
        })
      } else {
        this.holder = mine
        queueMicrotask(grant)
      }
    })
  }

  stick(tab: Tab): void {
    this.stuck.set(tab, [])
    tab.hidden = true
  }

  thaw(tab: Tab): void {
    const waiting = this.stuck.get(tab) ?? []
    this.stuck.delete(tab)
    tab.hidden = false
    for (const hear of waiting) hear()
  }

  private free(): void {
    this.holder = null
    this.queue.shift()?.()
  }

  async open(identity?: string): Promise<Tab> {
    const tab = new Tab(this)
    this.tabs.push(tab)
    if (identity) tab.client.identify(identity)
    tab.client.start()
    await settled()
    return tab
  }

  get sockets(): Tab[] {
    return this.tabs.filter(t => t.socket.connected)
  }
}

class Tab {
  readonly socket = new FakeSocket()
  readonly client: ChatClient
  hidden = false
  private readonly channels = new Set<{ onmessage: ((e: MessageEvent) => void) | null }>()
  private leaving: () => void = () => undefined

  constructor(readonly browser: Browser) {
    const shelf = browser.shelf
    this.client = new ChatClient({
      base: '',
      site: 'demo',
      clock: browser.clock,
      dial: together('line', this.host(), browser.clock, this.socket.dial),
      newId: () => `id${Math.random()}`,
      serves: async () => false,
      shelf: {
        list: prefix => [...shelf].filter(([k]) => k.startsWith(prefix)).map(([, v]) => v),
        get: key => shelf.get(key) ?? null,
        put: (key, value) => void shelf.set(key, value),
        drop: key => void shelf.delete(key),
      },
    })
  }

  private host(): Host {
    const { browser } = this
    const request = (_: string, given: object, hold: () => unknown) => browser.request(given, hold)
    return {
      locks: { request } as unknown as Host['locks'],
      hidden: () => this.hidden,
      leaving: run => {
        this.leaving = run
      },
      channel: () => {
        const end: ReturnType<Host['channel']> = {
          onmessage: null,
          close: () => this.channels.delete(end),
          postMessage: (data: unknown) => {
            const copy = structuredClone(data)
            for (const tab of browser.tabs) {
              if (tab === this) continue
              for (const other of tab.channels) {
                const hear = () => other.onmessage?.({ data: copy } as MessageEvent)
                const waiting = browser.stuck.get(tab)
                if (waiting) waiting.push(hear)
                else queueMicrotask(hear)
              }
            }
          },
        }
        this.channels.add(end)
        return end
      },
    }
  }

  /** The server's welcome for this tab's own connection, where it dialled. */
  async welcomed(): Promise<void> {
    this.socket.accept()
    this.socket.deliver('ready', {
      ...this.browser.server.snapshot(this.socket.auths.at(-1) ?? {}),
      token: 't',
      business,
    })
    await settled()
    await this.served()
  }

  /** The server answers what was asked over this tab's connection. */
  async served(): Promise<void> {
    const { server } = this.browser
    for (let asked = this.socket.asked.shift(); asked; asked = this.socket.asked.shift()) {
      if (asked.name === 'sync') asked.answer({ ok: true, ...server.snapshot(asked.payload) })
      if (asked.name === 'message') asked.answer(this.stored(asked.payload))
      await settled()
    }
  }

  private stored(payload: Record<string, unknown>): Answer {
    const { server } = this.browser
    const known = server.log.find(e => e.kind === 'message' && e.message.client_id === payload.id)
    if (!known) server.customer(String(payload.text), String(payload.id))
    return { ok: true, seq: known?.seq ?? server.log.length }
  }

  async leave(): Promise<void> {
    this.leaving()
    this.browser.tabs.splice(this.browser.tabs.indexOf(this), 1)
    await settled()
  }

  get thread() {
    return this.client.store.get().thread
  }
  get text() {
    return currentReply(this.thread)?.text
  }
}

async function two() {
  const browser = new Browser()
  browser.server.customer('hi')
  const first = await browser.open()
  await first.welcomed()
  const second = await browser.open()
  await first.served()
  return { browser, first, second, server: browser.server, clock: browser.clock }
}

describe('two tabs', () => {
  it('have one connection and show the same', async () => {
    const { browser, first, second, server } = await two()
    expect(second.socket.attempts).toBe(0)
    expect(second.client.store.get().link.state).toBe('up')
    expect(second.client.store.get().business).toEqual(business)
    server.start()
    server.chunk('Hello ', 7)
    await settled()
    expect([first.text, second.text]).toEqual(['Hello ', 'Hello '])
    expect(second.thread.events).toEqual(first.thread.events)
    expect(browser.sockets).toEqual([first])
  })

  it('send through the leader, once', async () => {
    const { first, second, server } = await two()
    second.client.say('from the second')
    await settled()
    expect(first.socket.of('message')).toHaveLength(1)
    await first.served()
    expect(server.log.map(e => e.kind)).toEqual(['message', 'message'])
    expect(second.client.store.get().outbox).toEqual([])
    expect(first.thread.events).toEqual(second.thread.events)
    expect(second.socket.asked).toEqual([])
  })

  it('pass on typing without asking for an answer', async () => {
    const { first, second } = await two()
    for (const tab of [first, second]) tab.client.typing(true)
    await settled()
    expect(first.socket.of('typing').map(a => a.payload)).toEqual([{ on: true }, { on: true }])
  })

  it('hear what an answer to somebody else swallowed', async () => {
    const { first, second, server } = await two()
    first.socket.connected = false
    server.customer('in between')
    first.socket.connected = true
    second.client.wake()
    await settled()
    await first.served()
    expect(second.thread.after).toBe(2)
    expect(first.thread.events).toEqual(server.log)
  })
})

describe('the leader', () => {
  it('goes in mid-reply: the follower goes on, nothing lost, nothing twice', async () => {
    const { browser, first, second, server, clock } = await two()
    server.start()
    server.chunk('Hel', 3)
    await settled()
    second.client.say('sent into the gap')
    await first.leave()
    server.chunk('lo ', 3)
    await clock.pass(500)
    expect(second.socket.attempts).toBe(1)
    expect(second.socket.auths.at(-1)).toMatchObject({ token: 't', after: 2, live: { at: 3 } })
    await second.welcomed()
    server.chunk('there', 5)
    await settled()
    expect(second.text).toBe('Hello there')
    expect(server.log.filter(e => e.kind === 'message')).toHaveLength(2)
    expect(second.client.store.get().outbox).toEqual([])
    expect(browser.sockets).toEqual([second])
  })

  it('stands still: a tab that is looked at takes over, and gives way to nobody when the other wakes', async () => {
    const { browser, first, second, clock } = await two()
    browser.stick(first)
    await clock.pass(1600)
    expect(second.socket.attempts).toBe(1)
    await second.welcomed()
    browser.thaw(first)
    await clock.pass(1000)
    await second.served()
    expect(browser.sockets).toEqual([second])
    expect(first.client.store.get().link.state).toBe('up')
    expect(first.socket.attempts).toBe(1)
  })

  it('is left alone by tabs out of sight', async () => {
    const { browser, first, second, clock } = await two()
    second.hidden = true
    browser.stick(first)
    await clock.pass(20_000)
    expect(second.socket.attempts).toBe(0)
  })

  it('out of sight and without a connection gives way to a tab that is looked at', async () => {
    const { browser, first, second, clock } = await two()
    first.hidden = true
    first.socket.drop()
    await clock.pass(2500)
    expect(second.socket.attempts).toBeGreaterThan(0)
    await second.welcomed()
    await clock.pass(1000)
    await second.served()
    expect(browser.sockets).toEqual([second])
    expect([first, second].map(t => t.client.store.get().link.state)).toEqual(['up', 'up'])
  })

  it('loses its connection: both wait, both come back', async () => {
    const { browser, first, second, server, clock } = await two()
    first.socket.drop()
    await settled()
    expect(second.client.store.get().link.state).toBe('down')
    server.customer('meanwhile')
    await clock.pass(600)
    await first.welcomed()
    await clock.pass(600)
    await first.served()
    expect(second.client.store.get().link.state).toBe('up')
    expect(second.thread.events).toEqual(server.log)
    expect(browser.sockets).toEqual([first])
  })

  it('is the tab whose page says who the visitor is, once', async () => {
    const { browser, first, clock } = await two()
    const third = await browser.open('jwt')
    await clock.pass(10)
    expect(third.socket.auths.at(-1)).toMatchObject({ identity: 'jwt' })
    await third.welcomed()
    await clock.pass(3000)
    await third.served()
    await clock.pass(3000)
    expect(browser.sockets).toEqual([third])
    expect(third.socket.attempts).toBe(1)
    expect(first.client.store.get().link.state).toBe('up')
  })

  it('that comes back from sleep joins whoever leads now', async () => {
    const { browser, first, second, clock } = await two()
    await first.leave()
    await clock.pass(10)
    browser.tabs.push(first)
    await clock.pass(500)
    await second.welcomed()
    await clock.pass(500)
    await second.served()
    expect(browser.sockets).toEqual([second])
    expect(first.client.store.get().link.state).toBe('up')
  })
})

describe('where locks are missing or forbidden', () => {
  it('every tab has its own', async () => {
    const socket = new FakeSocket()
    expect(together('line', null, new TestClock(), socket.dial)).toBe(socket.dial)
    const browser = new Browser()
    browser.request = async () => {
      throw new Error('SecurityError')
    }
    const tabs = [await browser.open(), await browser.open()]
    for (const tab of tabs) await tab.welcomed()
    expect(browser.sockets).toEqual(tabs)
  })
})
