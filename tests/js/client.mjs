// The official Socket.IO client against two gateways: `node client.mjs talk|resume|takeover`, addresses by BASE and OTHER.
// Prints one JSON line; exits 1 where something is not as the protocol says.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../web-widget/package.json', import.meta.url))
const { io } = require('socket.io-client')
const { BASE, OTHER, EMAIL, PASSWORD } = process.env

const within = (promise, ms, what) => {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** A customer: the events by number, the text of the reply that runs. */
class Chat {
  events = []
  live = null
  tests = []

  async open(base) {
    const auth = { site: 'demo' }
    if (this.token) Object.assign(auth, { token: this.token, history: this.history, after: this.events.at(-1)?.seq ?? 0 })
    if (this.live) auth.live = { turn: this.live.turn, at: this.live.at }
    this.socket = io(`${base}/chat`, { transports: ['websocket'], forceNew: true, reconnection: false, auth })
    this.socket.on('event', event => this.take(event))
    this.socket.on('delta', delta => this.add(delta))
    const ready = new Promise((resolve, reject) => {
      this.socket.on('ready', ready => resolve(this.enter(ready)))
      this.socket.on('connect_error', reject)
    })
    await within(ready, 10_000, 'ready')
    return this
  }

  enter(ready) {
    Object.assign(this, { ready, token: ready.token, history: ready.history, id: ready.conversation.id })
    for (const event of ready.events) this.take(event)
    if (!ready.live) return
    const { turn, from, to, text } = ready.live
    if (this.live?.turn === turn && this.live.at > to) return
    const before = this.live?.turn === turn ? this.live.text.slice(0, from) : ''
    this.live = { turn, at: to, text: before + text }
    this.look()
  }

  take(event) {
    const top = this.events.at(-1)?.seq ?? 0
    if (event.seq <= top) return
    assert.equal(event.seq, top + 1, 'a hole in the log')
    this.events.push(event)
    if (event.kind === 'reply_started' && this.live?.turn !== event.turn) this.live = { turn: event.turn, at: 0, text: '' }
    if (event.kind === 'message' && this.live && event.message.turn === this.live.turn) this.shown = this.live.text
    this.look()
  }

  add({ turn, at, to, text }) {
    if (this.live?.turn !== turn || to <= this.live.at) return
    if (at !== this.live.at) return void this.sync()
    this.live = { turn, at: to, text: this.live.text + text }
    this.look()
  }

  async sync() {
    if (this.syncing) return
    this.syncing = true
    const { turn, at } = this.live
    this.enter({ token: this.token, ...(await this.ask('sync', { history: this.history, after: this.events.at(-1)?.seq ?? 0, live: { turn, at } })) })
    this.syncing = false
  }

  look() {
    this.tests = this.tests.filter(({ test, resolve }) => !(test() && (resolve(), true)))
  }

  until(test, what) {
    return test() ? Promise.resolve() : within(new Promise(resolve => this.tests.push({ test, resolve })), 15_000, what)
  }

  of = kind => this.events.filter(event => event.kind === kind)
  said = kind => this.of('message').filter(event => event.message.author.kind === kind).map(event => event.message.text)
  finished = (count = 1) => this.until(() => this.of('reply_finished').length >= count, `reply number ${count}`)
  shows = length => this.until(() => (this.live?.text.length ?? 0) >= length, `${length} characters`)
  ask = (event, payload) => within(this.socket.emitWithAck(event, payload), 15_000, event)
  say = text => this.ask('message', { id: randomUUID(), text })
}

async function admin(base) {
  const post = (path, headers, body) => fetch(base + path, { method: 'POST', headers, body: body && JSON.stringify(body) })
  const login = await post('/api/admin/login', { 'content-type': 'application/json' }, { email: EMAIL, password: PASSWORD })
  assert.equal(login.status, 200)
  const { csrf } = await login.json()
  const cookie = login.headers.getSetCookie().map(line => line.split(';')[0]).join('; ')
  const { token } = await (await post('/api/admin/socket-token', { cookie, 'x-csrf-token': csrf })).json()
  const socket = io(`${base}/console`, { transports: ['websocket'], forceNew: true, reconnection: false, auth: { token } })
  await within(new Promise((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject)), 10_000, 'the console')
  return socket
}

const scenarios = {
  async talk() {
    const alice = await new Chat().open(BASE)
    assert.deepEqual(await alice.say('Do you speak JavaScript?'), { ok: true, seq: 1 })
    await alice.finished()
    assert.deepEqual(alice.events.map(event => event.kind), ['message', 'reply_started', 'message', 'reply_finished'])
    assert.equal(alice.shown, alice.said('ai')[0], 'the deltas add up to the message')
    return alice
  },
  async resume() {
    const alice = await new Chat().open(BASE)
    await alice.say('Tell me through a tunnel')
    for (const [round, base] of [OTHER, BASE, OTHER].entries()) {
      await alice.shows(30 * (round + 1))
      alice.socket.io.engine.close() // no goodbye to the namespace
      await alice.open(base)
      assert.equal(alice.ready.resync, undefined)
    }
    await alice.finished()
    assert.equal(alice.shown, alice.said('ai')[0])
    return alice
  },
  async takeover() {
    const alice = await new Chat().open(BASE)
    const dana = await admin(OTHER)
    const seen = []
    let acknowledged = false
    dana.on('delta', delta => {
      assert.ok(acknowledged, 'an event came before the acknowledgement of its watch')
      seen.push(delta)
    })
    await alice.say('Ramble until somebody comes')
    await alice.shows(20)
    // By callback: a promise is continued after the next packets were read.
    const watched = await within(new Promise(resolve => {
      dana.emit('watch', { conversation: alice.id }, answer => resolve(((acknowledged = true), answer)))
    }), 10_000, 'the acknowledgement')
    assert.ok(watched.ok && watched.live.to > 0)
    await alice.shows(60)
    const taken = await dana.emitWithAck('take', { conversation: alice.id })
    assert.ok(taken.ok && taken.to > 0, JSON.stringify(taken))
    await alice.finished()
    assert.equal(alice.of('reply_finished')[0].outcome, 'taken_over')
    assert.equal(alice.said('ai')[0].length, taken.to)
    assert.ok(seen.length > 0 && seen.every(delta => delta.to <= taken.to))
    const payload = { conversation: alice.id, id: randomUUID(), text: 'A person here', epoch: taken.epoch }
    assert.ok((await dana.emitWithAck('message', payload)).ok)
    await alice.until(() => alice.said('human').length === 1, 'the words of a person')
    assert.ok((await dana.emitWithAck('give_back', { conversation: alice.id, epoch: taken.epoch })).ok)
    assert.ok((await alice.say('And back?')).ok)
    await alice.finished(2)
    dana.disconnect()
    return alice
  },
}

try {
  const chat = await scenarios[process.argv[2]]()
  chat.socket.disconnect()
  console.log(JSON.stringify({ ok: true, conversation: chat.id }))
  process.exit(0)
} catch (error) {
  console.log(JSON.stringify({ ok: false, why: error.stack }))
  process.exit(1)
}
