import { describe, expect, it } from 'vitest'
import { ChatClient } from '../src/protocol/chat-client'
import { browserShelf, type Shelf } from '../src/protocol/courier'
import type { Ready } from '../src/protocol/wire'
import { FakeSocket, settled, TestClock } from './fake-socket'
import { ServerModel } from './server-model'

const business = {
  name: 'My Hibachi',
  avatar: null,
  disclosure: '',
  hours: '',
  locale: 'en',
  open: true,
  reply_minutes: null,
  theme: {},
}

function memory(): Shelf & { all: Map<string, string> } {
  const all = new Map<string, string>()
  return {
    all,
    list: prefix => [...all].filter(([k]) => k.startsWith(prefix)).map(([, v]) => v),
    get: key => all.get(key) ?? null,
    put: (key, value) => all.set(key, value),
    drop: key => all.delete(key),
  }
}

/** A page of the site, in a tab of a browser. */
async function page(browser: Shelf, tab: Shelf, identity?: string) {
  const socket = new FakeSocket()
  const client = new ChatClient({
    base: '',
    site: 'demo',
    shelf: browser,
    tab,
    clock: new TestClock(),
    dial: socket.dial,
  })
  if (identity) client.identify(identity)
  client.start()
  await settled()
  const ready = async (conversation: string) => {
    await settled()
    socket.accept()
    const snapshot = new ServerModel(() => undefined).snapshot({})
    const whose = { ...snapshot.conversation, id: conversation }
    socket.deliver('ready', {
      ...snapshot,
      conversation: whose,
      history: conversation,
      token: 'tok',
      business,
    } as Ready)
  }
  return { client, socket, ready, draft: () => client.store.get().draft }
}

describe('what is being written', () => {
  it('stands there again on the next page of the same tab, and in no other tab', async () => {
    const [browser, tab] = [memory(), memory()]
    const first = await page(browser, tab)
    await first.ready('anna')
    first.client.write('We are 12, on\nSaturday')
    const next = await page(browser, tab)
    expect(next.draft()).toBe('')
    await next.ready('anna')
    expect(next.draft()).toBe('We are 12, on\nSaturday')
    const other = await page(browser, memory())
    await other.ready('anna')
    expect(other.draft()).toBe('')
  })

  it('that came before the first connection is kept with it', async () => {
    const [browser, tab] = [memory(), memory()]
    const first = await page(browser, tab)
    first.client.write('Written at once')
    expect(tab.all.size).toBe(0)
    await first.ready('anna')
    const next = await page(browser, tab)
    next.client.write('and newer words')
    await next.ready('anna')
    expect(next.draft()).toBe('and newer words')
  })

  it('is gone once it is said, or taken back', async () => {
    const tab = memory()
    const { client, ready, draft } = await page(memory(), tab)
    await ready('anna')
    client.write('Hello')
    expect(tab.all.size).toBe(1)
    client.write('')
    expect([draft(), tab.all.size]).toEqual(['', 0])
  })

  it('is never shown to somebody else, whoever the page says is there now', async () => {
    const [browser, tab] = [memory(), memory()]
    const anna = await page(browser, tab, 'anna-jwt')
    await anna.ready('anna')
    anna.client.write('My card number is')
    // Named on the same page, on the next one, or nobody any more.
    anna.client.identify('ben-jwt')
    anna.socket.connect()
    await anna.ready('ben')
    expect(anna.draft()).toBe('')
    anna.client.write('Written by Ben')
    const next = await page(browser, tab, 'cleo-jwt')
    await next.ready('cleo')
    expect(next.draft()).toBe('')
    expect([...tab.all.values()]).toEqual([])
    next.client.write('Written by Cleo')
    next.client.identify(null)
    expect([next.draft(), tab.all.size]).toEqual(['', 0])
  })

  it('outlives a short break, word by word', async () => {
    const { client, socket, ready, draft } = await page(memory(), memory())
    await ready('anna')
    client.write('Half a sent')
    socket.drop()
    client.write('Half a sentence')
    socket.connect()
    await ready('anna')
    expect(draft()).toBe('Half a sentence')
  })

  it('lives as long as the page where a browser keeps nothing', async () => {
    const forbidden = browserShelf(() => {
      throw new DOMException('no', 'SecurityError')
    })
    const { client, ready, draft } = await page(forbidden, forbidden)
    client.write('Hello')
    await ready('anna')
    expect(draft()).toBe('Hello')
    const next = await page(forbidden, forbidden)
    await next.ready('anna')
    expect(next.draft()).toBe('')
  })
})
