/** The widget's edge: one socket to `/chat`, the reducer's wishes carried out, the token kept for this site. */

import { type ChatAction, type ChatState, chat, emptyChat } from './chat'
import { Courier, type Shelf } from './courier'
import { newId } from './ids'
import { nextAt, payload } from './outbox'
import { byHttp, type Carry, Porter, readByHttp } from './porter'
import { browserClock, type Clock, type Dial, dial, type Refusal, Socket } from './socket'
import { createStore, type Store } from './store'
import { SyncLoop } from './sync-loop'
import { currentReply, held, ORPHAN_MS, type ThreadAction } from './thread'
import type {
  Ack,
  Attachment,
  BusinessNews,
  ChatEvent,
  ChatProfile,
  Delta,
  Head,
  Ready,
  Receipt,
  Snapshot,
  Stage,
  Typing,
} from './wire'

export interface ChatOptions {
  /** Origin of the gateway, without a trailing slash. */
  base: string
  site: string
  /** The page's language, if it says one. */
  locale?: string
  shelf: Shelf
  /** What is kept for this tab alone. */
  tab?: Shelf
  clock?: Clock
  dial?: Dial
  carry?: Carry
  newId?: () => string
  /** Whether the gateway serves pages at all, whoever asks. */
  serves?: () => Promise<boolean>
}

const PAGE = 50
/** 10,000 events: longer than any talk. */
const LONGEST_PAGES = 200
/** Typing is said again before the other side lets it lapse. */
const TYPING_EVERY_MS = 3000
/** So many attempts without a word may be a gateway that starts; then it is asked whether it is there. */
const UNHEARD_BEFORE_ASKING = 2
const TYPING_RESTS_MS = 5000

export class ChatClient {
  readonly store: Store<ChatState, ChatAction>
  private readonly clock: Clock
  private readonly socket: Socket
  readonly files: Porter
  private readonly courier: Courier
  private readonly sync: SyncLoop
  private cancelTimer: (() => void) | null = null
  private started = false
  private ready = false
  private unheard = 0
  private token: string | null = null
  private identity: string | null = null
  private saidTyping = 0
  private restTyping: (() => void) | null = null
  private saidSeen = 0

  constructor(private readonly options: ChatOptions) {
    this.clock = options.clock ?? browserClock
    this.store = createStore(chat, emptyChat)
    this.socket = new Socket(
      `${options.base}/chat`,
      {
        auth: () => this.auth(),
        events: this.events(),
        up: () => undefined,
        down: () => this.down(),
        refused: refusal => this.refused(refusal),
        unheard: () => void this.onUnheard(),
      },
      this.clock,
      options.dial ?? dial,
    )
    this.courier = new Courier(
      () => this.store.get().outbox,
      action => this.store.dispatch({ type: 'outbox', action }),
      o => this.socket.ask('message', payload(o)),
      options.shelf,
      this.key('out:'),
      this.clock,
    )
    this.files = new Porter(
      () => this.store.get().files,
      action => this.store.dispatch({ type: 'files', action }),
      options.carry ?? byHttp(options.base, this.headers),
      id => readByHttp(options.base, this.headers(), id),
    )
    this.sync = new SyncLoop(() => this.askSync(), this.clock)
    this.store.subscribe(() => this.pump())
    this.courier.restore()
    if (options.shelf.get(this.key('profile'))) this.store.dispatch({ type: 'asked', what: 'profile', now: 'off' })
  }

  start(): void {
    if (this.started) return
    this.started = true
    this.store.dispatch({ type: 'link', state: 'connecting', now: this.clock.now() })
    this.socket.open()
  }

  stop(): void {
    this.socket.close()
  }

  /** The tab or the network woke up: a quiet connection is tried, a lost one is sought. `slept`: the page itself stood still. */
  async wake(slept = false): Promise<void> {
    if (slept) this.store.dispatch({ type: 'woke', now: this.clock.now() })
    if (!this.socket.connected) this.socket.nudge()
    else if (this.ready) this.thread({ type: 'lost' })
  }

  /** `attachments`: the files of the field, which has none then. */
  say(text: string, attachments?: readonly Attachment[]): void {
    const id = (this.options.newId ?? newId)()
    this.courier.add({ id, conversation: null, kind: 'message', text, attachments, epoch: null })
    if (attachments) this.store.dispatch({ type: 'files', action: { type: 'said', place: '' } })
  }

  retry(id: string): void {
    this.store.dispatch({ type: 'outbox', action: { type: 'retry', id } })
  }

  discard(id: string): void {
    this.courier.discard(id)
  }

  /** What stands in the field; it outlives the page, as soon as it is known whose it is. */
  write(draft: string): void {
    this.store.dispatch({ type: 'draft', text: draft })
    this.keepDraft()
    this.typing(draft !== '')
  }

  /** Said again while it goes on, and taken back when the keys rest. */
  typing(on: boolean): void {
    const now = this.clock.now()
    this.restTyping?.()
    this.restTyping = on ? this.clock.after(TYPING_RESTS_MS, () => this.typing(false)) : null
    if (on ? now - this.saidTyping < TYPING_EVERY_MS : this.saidTyping === 0) return
    this.saidTyping = on ? now : 0
    if (this.ready) this.socket.send('typing', { on })
  }

  seen(): void {
    const seq = this.store.get().thread.after ?? 0
    if (!this.ready || seq <= this.saidSeen || seq === 0) return
    this.saidSeen = seq
    this.socket.send('seen', { seq })
  }

  async stopReply(): Promise<void> {
    const reply = currentReply(this.store.get().thread)
    if (reply) this.note(await this.socket.ask('stop', { turn: reply.turn }))
  }

  async human(): Promise<void> {
    const answer = await this.socket.ask<{ expected_minutes?: number | null }>('human', { id: newId() })
    this.note(answer)
    if (answer?.ok) this.store.dispatch({ type: 'expected', minutes: answer.expected_minutes ?? null })
  }

  async assistant(): Promise<void> {
    this.note(await this.socket.ask('assistant', {}))
  }

  async feedback(message: string, value: 'up' | 'down'): Promise<void> {
    this.store.dispatch({ type: 'feedback', message, value })
    this.note(await this.socket.ask('feedback', { message, value }))
  }

  /** The visitor's grade for the whole conversation; where the gateway takes none, it is not asked again. */
  async rate(score: number, comment: string): Promise<void> {
    const payload = { id: newId(), score, ...(comment ? { comment } : {}) }
    this.offered('rate', await this.socket.ask('rate', payload))
  }

  async profile(given: ChatProfile): Promise<void> {
    const answer = await this.socket.ask('profile', given)
    this.offered('profile', answer)
    if (answer?.ok) this.options.shelf.put(this.key('profile'), '1')
  }

  /** Not wanted now: not asked again in this browser. */
  noProfile(): void {
    this.options.shelf.put(this.key('profile'), '1')
    this.store.dispatch({ type: 'asked', what: 'profile', now: 'off' })
  }

  /**
   * Who the page says the visitor is; told with a new connection. Null signs them out. Whom no page has named has nothing to
   * be signed out of: pages say null of everybody who is not signed in, on every page.
   */
  identify(identity: string | null): void {
    if (identity === this.identity && identity !== null) return
    if (identity === null && !this.identity && !this.options.shelf.get(this.key('who'))) return
    this.identity = identity
    if (identity === null) this.forget()
    else if (this.started) this.socket.abandon()
  }

  /** Another tab, or the page itself, took from the shelf what lets this browser in. */
  cleared(key: string | null): void {
    if ((key === null || key === this.key('token')) && this.token && !this.options.shelf.get(this.key('token')))
      this.forget()
  }

  /** Nothing of who was here stays: not the conversation, not what was to be sent. */
  private forget(): void {
    this.courier.clear()
    for (const what of ['token', 'who', 'profile']) this.options.shelf.drop(this.key(what))
    this.options.tab?.drop(this.key('draft'))
    this.token = null
    this.identity = null
    this.store.dispatch({ type: 'forget' })
    if (this.started) this.socket.abandon()
  }

  /** Kept under the conversation's name: whoever comes next has another one. */
  private keepDraft(): void {
    const { draft, thread } = this.store.get()
    const { tab } = this.options
    if (!thread.conversation) return
    if (draft) tab?.put(this.key('draft'), `${thread.conversation.id} ${draft}`)
    else tab?.drop(this.key('draft'))
  }

  private offered(what: 'rate' | 'profile', answer: Ack | null): void {
    const refused = answer?.ok === false && answer.error.code === 'not_allowed'
    if (refused) this.store.dispatch({ type: 'asked', what, now: 'off' })
    else this.note(answer)
    if (answer?.ok) this.store.dispatch({ type: 'asked', what, now: 'given' })
  }

  /** Everything that was said, read back to its beginning. */
  async whole(): Promise<void> {
    for (let pages = 0; pages < LONGEST_PAGES && this.ready && this.store.get().thread.older; pages++) {
      const first = this.store.get().thread.events[0]?.seq
      await this.older()
      if (this.store.get().thread.events[0]?.seq === first) return
    }
  }

  async older(): Promise<void> {
    const before = this.store.get().thread.events[0]?.seq
    if (before === undefined) return
    const answer = await this.socket.ask<{ events: ChatEvent[] }>('history_page', { before, limit: PAGE })
    if (answer?.ok) this.thread({ type: 'page', events: answer.events, before, limit: PAGE })
  }

  /** A passage that a reply was made from. */
  cited(id: string): Promise<Response> {
    return fetch(`${this.options.base}/api/citations/${id}`, { headers: this.headers() })
  }

  /** For what a script asks that is fetched when it is wanted. */
  ask(name: string, payload: object): Promise<Ack | null> {
    return this.socket.ask(name, payload)
  }

  /** Something that was asked for did not come. */
  lost(): void {
    this.note(null)
  }

  private readonly headers = () => ({ authorization: `Bearer ${this.visitor}` })

  private auth(): object {
    const token = this.visitor
    const { site, locale } = this.options
    return {
      site,
      ...(locale ? { locale } : {}),
      ...(this.identity ? { identity: this.identity } : {}),
      ...(token ? { token } : {}),
      ...(token ? held(this.store.get().thread) : {}),
    }
  }

  private key(what: string): string {
    return `hibachi:${this.options.site}:${what}`
  }

  private get visitor(): string | null {
    return this.token ?? this.options.shelf.get(this.key('token'))
  }

  private events(): Record<string, (payload: never) => void> {
    const mine = (conversation: string) => conversation === this.store.get().thread.conversation?.id
    return {
      ready: (r: Ready) => this.onReady(r),
      event: (event: ChatEvent) => mine(event.conversation) && this.thread({ type: 'event', event }),
      delta: (d: Delta) => mine(d.conversation) && this.thread({ type: 'delta', delta: d, now: this.clock.now() }),
      business: (news: BusinessNews) => this.store.dispatch({ type: 'business', news }),
      head: (head: Head) => mine(head.conversation) && this.thread({ type: 'head', head }),
      stage: (s: Stage) => mine(s.conversation) && this.thread({ type: 'stage', turn: s.turn, text: s.text }),
      typing: (t: Typing) =>
        mine(t.conversation) &&
        this.store.dispatch({ type: 'typing', author: t.author, on: t.on, now: this.clock.now() }),
      receipt: (r: Receipt) =>
        mine(r.conversation) && r.who === 'staff' && this.store.dispatch({ type: 'receipt', seq: r.seq }),
    }
  }

  private onReady(r: Ready): void {
    this.token = r.token
    this.options.shelf.put(this.key('token'), r.token)
    if (this.identity) this.options.shelf.put(this.key('who'), '1')
    this.ready = true
    this.unheard = 0
    this.saidSeen = 0
    // What the auth told of the held reply is what the snapshot's `from` speaks of.
    this.store.dispatch({ type: 'ready', ready: r })
    const [, whose, words] = /^(\S+) (.*)/s.exec(this.options.tab?.get(this.key('draft')) ?? '') ?? []
    if (words && whose === r.conversation.id && !this.store.get().draft)
      this.store.dispatch({ type: 'draft', text: words })
    this.keepDraft()
    this.store.dispatch({ type: 'link', state: 'up', now: this.clock.now() })
    this.sync.reset()
    this.pump()
  }

  private down(): void {
    this.ready = false
    const now = this.clock.now()
    this.store.dispatch({ type: 'outbox', action: { type: 'unanswered', now } })
    // Sent with the next `auth`: the positions are marked now, no delta comes before its answer.
    this.thread({ type: 'asking' })
    if (this.store.get().link.state !== 'refused') this.store.dispatch({ type: 'link', state: 'down', now })
  }

  private refused(refusal: Refusal): 'now' | 'later' | 'never' {
    if (refusal.code === 'token_expired') {
      this.token = null
      this.options.shelf.drop(this.key('token'))
      return 'now'
    }
    if (refusal.code === 'rate_limited' || refusal.code === 'unavailable') return 'later'
    this.store.dispatch({ type: 'link', state: 'refused', now: this.clock.now(), why: refusal.message })
    return 'never'
  }

  /**
   * A page that may not use the chat is turned away before a word, which looks like no network to it. If the gateway serves
   * its script all the same, it is this page that is not let in. It goes on trying: the list may change.
   */
  private async onUnheard(): Promise<void> {
    this.unheard += 1
    if (this.unheard !== UNHEARD_BEFORE_ASKING || this.token !== null) return
    const serves = await (this.options.serves ?? (() => servesPages(this.options.base)))()
    if (!serves) this.unheard = 0
    else if (!this.ready) this.store.dispatch({ type: 'link', state: 'refused', now: this.clock.now(), why: '' })
  }

  private thread(action: ThreadAction): void {
    this.store.dispatch({ type: 'thread', action })
  }

  private note(answer: Ack | null): void {
    const text = answer === null ? '' : answer.ok ? null : answer.error.message
    this.store.dispatch({ type: 'notice', text })
  }

  private pump(): void {
    if (this.ready && this.store.get().thread.wants) this.sync.want()
    if (this.ready) this.courier.pump()
    if (this.ready) this.files.pump()
    this.cancelTimer?.()
    const due = this.nextDeadline()
    if (due === null) return
    this.cancelTimer = this.clock.after(Math.max(due - this.clock.now(), 20), () => {
      this.cancelTimer = null
      this.store.dispatch({ type: 'tick', now: this.clock.now() })
      this.pump()
    })
  }

  private nextDeadline(): number | null {
    const { thread, outbox, typing } = this.store.get()
    const orphans = Object.values(thread.orphans).map(o => o.since + ORPHAN_MS)
    const queued = this.ready ? nextAt(outbox) : null
    const times = [...orphans, ...(queued === null ? [] : [queued]), ...(typing ? [typing.until] : [])]
    return times.length ? Math.min(...times) : null
  }

  private async askSync(): Promise<boolean> {
    if (!this.ready) return true
    this.thread({ type: 'asking' })
    const { history, after, live } = held(this.store.get().thread)
    const answer = await this.socket.ask<Snapshot>('sync', {
      after: after ?? 0,
      ...(history ? { history } : {}),
      ...(live ? { live } : {}),
    })
    if (answer?.ok) this.thread({ type: 'snapshot', snapshot: answer })
    else if (answer === null) this.socket.connected && this.socket.abandon()
    else this.thread({ type: 'lost' })
    return !this.store.get().thread.wants
  }
}

async function servesPages(base: string): Promise<boolean> {
  try {
    return (await fetch(`${base}/widget.js`, { method: 'HEAD', cache: 'no-store', credentials: 'omit' })).ok
  } catch {
    return false
  }
}
