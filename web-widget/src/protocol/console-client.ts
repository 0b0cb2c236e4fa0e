/** The console's edge: one socket to `/console`; what is watched is watched again after every reconnect. */

import { Courier, type Shelf } from './courier'
import { type Desk, type DeskAction, desk, emptyDesk } from './desk'
import { newId } from './ids'
import { nextAt, type Outgoing, payload } from './outbox'
import { Pages } from './pages'
import { browserClock, type Clock, type Dial, dial, Socket } from './socket'
import { createStore, type Store } from './store'
import { SyncLoop } from './sync-loop'
import { emptyThread, held, ORPHAN_MS, type Thread, type ThreadAction } from './thread'
import type * as wire from './wire'

export interface ConsoleOptions {
  base: string
  me: wire.Staff
  /** A fresh socket token; null where the staff session has ended. */
  token(): Promise<SocketToken | null>
  shelf: Shelf
  clock?: Clock
  dial?: Dial
}

export interface SocketToken {
  token: string
  /** The server's time when it gave it, milliseconds; null where it did not tell. */
  at: number | null
}

/** A clock that is wrong by less is right enough, and the answer's own way takes time. */
const SKEW_MS = 2000
const PAGE = 50
const TYPING_EVERY_MS = 3000
const TYPING_RESTS_MS = 5000
type Owned = { epoch?: number | null }

export class ConsoleClient {
  readonly store: Store<Desk, DeskAction>
  /** The inbox and the handoffs, page by page. */
  readonly pages: Pages
  private readonly clock: Clock
  private readonly socket: Socket
  private readonly courier: Courier
  private readonly syncs = new Map<string, SyncLoop>()
  private watching: string | null = null
  /** Watched beside it, for the live wall. */
  private glanced: ReadonlySet<string> = new Set()
  private up = false
  private saidTyping = 0
  private restTyping: (() => void) | null = null
  private cancelTimer: (() => void) | null = null
  private readonly saidSeen = new Map<string, number>()

  constructor(private readonly options: ConsoleOptions) {
    this.clock = options.clock ?? browserClock
    this.store = createStore(desk, emptyDesk(options.me))
    this.socket = new Socket(
      `${options.base}/console`,
      {
        auth: () => this.auth(),
        events: this.events(),
        up: () => void this.onUp(),
        down: () => this.down(),
        // A socket token is good once: the next attempt brings its own.
        refused: () => 'later',
      },
      this.clock,
      options.dial ?? dial,
    )
    this.pages = new Pages(this.socket, this.store, this.clock)
    this.courier = new Courier(
      () => this.store.get().outbox,
      action => this.store.dispatch({ type: 'outbox', action }),
      o => this.deliver(o),
      options.shelf,
      `hibachi:console:${options.me.id}:out:`,
      this.clock,
    )
    this.store.subscribe(() => this.pump())
    this.courier.restore()
  }

  start(): void {
    this.store.dispatch({ type: 'link', state: 'connecting', now: this.clock.now() })
    this.socket.open()
  }

  stop(): void {
    this.cancelTimer?.()
    this.socket.close()
  }

  wake(): void {
    if (!this.socket.connected) this.socket.nudge()
    else for (const id of this.watched()) this.thread(id, { type: 'lost' })
  }

  /** The conversation before the eyes; the one before it is let go. */
  async watch(conversation: string | null): Promise<void> {
    const before = this.watching
    if (before === conversation) return
    this.typing(before, false)
    const known = this.watched()
    this.watching = conversation
    await this.watchOnly(known)
  }

  /** The conversations of the live wall; those that leave it are let go, unless one of them is open. */
  async glance(conversations: readonly string[]): Promise<void> {
    const known = this.watched()
    this.glanced = new Set(conversations)
    await this.watchOnly(known)
  }

  /** From the AI or the queue it always works; from a colleague only with force, which a person has confirmed. */
  take(conversation: string, force = false): Promise<boolean> {
    return this.command('take', conversation, force ? { force } : {}, 'human')
  }

  giveBack(conversation: string, note: string): Promise<boolean> {
    return this.command(
      'give_back',
      conversation,
      { epoch: this.epoch(conversation) ?? 0, ...(note ? { note } : {}) },
      'ai',
    )
  }

  resolve(conversation: string): Promise<boolean> {
    return this.command('resolve', conversation, { epoch: this.epoch(conversation) ?? 0 }, 'ai')
  }

  reopen(conversation: string): Promise<boolean> {
    return this.command('reopen', conversation, { epoch: this.epoch(conversation) ?? 0 }, null)
  }

  assign(conversation: string, staff: string | null): Promise<boolean> {
    return this.command('assign', conversation, { id: newId(), staff }, null)
  }

  async claim(handoff: wire.Handoff): Promise<boolean> {
    const answer = await this.socket.ask<Owned>('handoff_claim', { handoff: handoff.id, id: newId() })
    return this.settled('handoff_claim', handoff.conversation, answer, answer?.ok && answer.epoch ? 'human' : null)
  }

  async settleHandoff(handoff: wire.Handoff): Promise<boolean> {
    const answer = await this.socket.ask<Owned>('handoff_resolve', { handoff: handoff.id, id: newId() })
    return this.settled('handoff_resolve', handoff.conversation, answer, null)
  }

  say(
    conversation: string,
    kind: 'message' | 'note',
    text: string,
    attachments: readonly wire.Attachment[] = [],
    mentions: readonly string[] = [],
  ): void {
    const epoch = kind === 'message' ? this.epoch(conversation) : null
    this.courier.add({ id: newId(), conversation, kind, text, attachments, mentions, epoch })
  }

  /** The AI words a reply into the field; what stands there is what it is asked for. */
  async draft(conversation: string): Promise<void> {
    const instruction = this.store.get().drafts[conversation]?.reply.trim()
    this.store.dispatch({ type: 'drafting', conversation })
    const answer = await this.socket.ask('draft', { conversation, ...(instruction ? { instruction } : {}) })
    if (answer?.ok) return
    const offered = answer?.error.code !== 'not_allowed'
    this.store.dispatch({ type: 'draft_over', offered })
    if (offered) this.refused('draft', conversation, answer?.error ?? { code: 'unavailable', message: '' })
  }

  /** What has come stays in the field. */
  stopDraft(): void {
    const now = this.store.get().drafting
    if (!now) return
    this.store.dispatch({ type: 'draft_over' })
    if (this.up) void this.socket.ask('draft_stop', { conversation: now.conversation })
  }

  retry(o: Outgoing): void {
    const epoch = o.conversation ? (this.epoch(o.conversation) ?? undefined) : undefined
    this.store.dispatch({ type: 'outbox', action: { type: 'retry', id: o.id, epoch } })
  }

  discard(id: string): void {
    this.courier.discard(id)
  }

  /** Said again while it goes on, and taken back when the keys rest. */
  typing(conversation: string | null, on: boolean): void {
    const now = this.clock.now()
    this.restTyping?.()
    this.restTyping = on ? this.clock.after(TYPING_RESTS_MS, () => this.typing(conversation, false)) : null
    if (!conversation || (on ? now - this.saidTyping < TYPING_EVERY_MS : this.saidTyping === 0)) return
    this.saidTyping = on ? now : 0
    if (this.up) this.socket.send('typing', { conversation, on })
  }

  seen(conversation: string): void {
    const seq = this.store.get().threads[conversation]?.after ?? 0
    if (!this.up || seq <= (this.saidSeen.get(conversation) ?? 0)) return
    this.saidSeen.set(conversation, seq)
    this.socket.send('seen', { conversation, seq })
  }

  /** Whoever was mentioned here has looked. */
  mentionSeen(conversation: string): void {
    if (!this.up || !this.store.get().mentions.some(m => m.conversation === conversation)) return
    this.socket.send('mention_seen', { conversation })
  }

  async older(conversation: string): Promise<void> {
    const before = this.store.get().threads[conversation]?.events[0]?.seq
    if (before === undefined) return
    const ask = { conversation, before, limit: PAGE }
    const answer = await this.socket.ask<{ events: wire.ChatEvent[] }>('history_page', ask)
    if (answer?.ok) this.thread(conversation, { type: 'page', events: answer.events, before, limit: PAGE })
  }

  private async auth(): Promise<object> {
    const given = await this.options.token()
    if (given !== null) {
      const skew = given.at === null ? 0 : given.at - this.clock.now()
      this.store.dispatch({ type: 'clock', skew: Math.abs(skew) < SKEW_MS ? 0 : skew })
      return { token: given.token }
    }
    this.store.dispatch({ type: 'link', state: 'refused', now: this.clock.now(), why: 'signed_out' })
    this.socket.close()
    throw new Error('signed out')
  }

  private events(): Record<string, (payload: never) => void> {
    const now = () => this.clock.now()
    const dispatch = (action: DeskAction) => this.store.dispatch(action)
    return {
      event: (e: wire.ChatEvent | wire.StaffEvent) =>
        'log' in e
          ? this.thread(e.conversation, { type: 'staff', events: [e] })
          : this.thread(e.conversation, { type: 'event', event: e }),
      delta: (d: wire.Delta) => this.thread(d.conversation, { type: 'delta', delta: d, now: now() }),
      draft_delta: (delta: wire.DraftDelta) => dispatch({ type: 'draft_delta', delta }),
      head: (head: wire.Head) => this.thread(head.conversation, { type: 'head', head }),
      stage: (s: wire.Stage) => this.thread(s.conversation, { type: 'stage', turn: s.turn, text: s.text }),
      typing: (t: wire.Typing) => dispatch({ type: 'typing', ...t, now: now() }),
      presence: (p: wire.Presence) => dispatch({ type: 'presence', conversation: p.conversation, viewers: p.viewers }),
      inbox: (i: { row: wire.Row }) => dispatch({ type: 'row', row: i.row, now: now() }),
      mentions: (m: { items: wire.MentionRow[] }) => dispatch({ type: 'mentions', items: m.items }),
      handoff: (h: wire.Handoff) => dispatch({ type: 'handoffs', handoffs: [h] }),
    }
  }

  private async onUp(): Promise<void> {
    this.up = true
    this.store.dispatch({ type: 'link', state: 'up', now: this.clock.now() })
    for (const loop of this.syncs.values()) loop.reset()
    const watches = [...this.watched()].map(id => this.askWatch(id))
    await Promise.all([this.pages.inbox(), this.pages.handoffs(), ...watches])
    this.pump()
  }

  private down(): void {
    this.up = false
    if (this.store.get().drafting) this.store.dispatch({ type: 'draft_over' })
    const now = this.clock.now()
    this.store.dispatch({ type: 'outbox', action: { type: 'unanswered', now } })
    if (this.store.get().link.state !== 'refused') this.store.dispatch({ type: 'link', state: 'down', now })
  }

  private watched(): Set<string> {
    return new Set(this.watching ? [this.watching, ...this.glanced] : this.glanced)
  }

  /** Tells the server what is watched now, beside what it knew. */
  private async watchOnly(known: ReadonlySet<string>): Promise<void> {
    if (!this.up) return
    const wanted = this.watched()
    for (const id of known) if (!wanted.has(id)) void this.socket.ask('unwatch', { conversation: id })
    await Promise.all([...wanted].filter(id => !known.has(id)).map(id => this.askWatch(id)))
  }

  private async askWatch(conversation: string): Promise<void> {
    const answer = await this.askThread('watch', conversation)
    if (answer && !answer.ok) this.refused('watch', conversation, answer.error)
  }

  private async askThread(name: 'watch' | 'sync', conversation: string): Promise<wire.Ack<wire.Watched> | null> {
    this.thread(conversation, { type: 'asking' })
    const t = this.store.get().threads[conversation] ?? emptyThread
    const staff = t.afterStaff === null ? {} : { after_staff: t.afterStaff }
    const answer = await this.socket.ask<wire.Watched>(name, { conversation, ...held(t), ...staff })
    if (!answer?.ok) return answer
    if (name === 'watch') this.store.dispatch({ type: 'watched', conversation, answer })
    else {
      this.thread(conversation, { type: 'snapshot', snapshot: answer })
      if (answer.staff_events) this.thread(conversation, { type: 'staff', events: answer.staff_events })
    }
    return answer
  }

  private async command(
    name: string,
    conversation: string,
    payload: object,
    owner: wire.Owner | null,
  ): Promise<boolean> {
    const answer = await this.socket.ask<Owned>(name, { conversation, ...payload })
    return this.settled(name, conversation, answer, owner)
  }

  private settled(
    name: string,
    conversation: string,
    answer: wire.Ack<Owned> | null,
    owner: wire.Owner | null,
  ): boolean {
    if (answer?.ok) {
      const known = this.store.get().threads[conversation]?.conversation
      const now = owner ?? known?.owner
      const taken = owner === 'human'
      if (answer.epoch && now)
        this.store.dispatch({ type: 'owned', conversation, owner: now, epoch: answer.epoch, taken })
      this.store.dispatch({ type: 'notice', notice: null })
      return true
    }
    this.refused(name, conversation, answer?.error ?? { code: 'unavailable', message: '' })
    return false
  }

  private refused(command: string, conversation: string, error: wire.WireError): void {
    this.store.dispatch({ type: 'notice', notice: { conversation, command, error } })
    // Somebody was quicker: what is on the screen is old.
    if (error.code === 'stale' || error.code === 'conflict') this.thread(conversation, { type: 'lost' })
  }

  private async deliver(o: Outgoing): Promise<wire.Ack<{ seq?: number; staff_seq?: number }> | null> {
    const base = { conversation: o.conversation, ...payload(o) }
    if (o.kind === 'note') return this.socket.ask('note', { ...base, mentions: o.mentions ?? [] })
    // Written before the thread had come: who answers is known when it has.
    const epoch = o.epoch ?? (o.conversation ? this.epoch(o.conversation) : null)
    if (epoch === null) return null
    const answer = await this.socket.ask<{ seq: number }>('message', { ...base, epoch })
    if (answer?.ok === false && answer.error.code === 'stale' && o.conversation)
      this.thread(o.conversation, { type: 'lost' })
    return answer
  }

  private epoch(conversation: string): number | null {
    return this.store.get().threads[conversation]?.conversation?.epoch ?? null
  }

  private thread(conversation: string, action: ThreadAction): void {
    this.store.dispatch({ type: 'thread', conversation, action })
  }

  private pump(): void {
    const { threads } = this.store.get()
    if (this.up) for (const id of this.watched()) if (threads[id]?.wants) this.sync(id).want()
    if (this.up) this.courier.pump()
    this.cancelTimer?.()
    this.cancelTimer = null
    const due = this.nextDeadline()
    if (due === null) return
    this.cancelTimer = this.clock.after(Math.max(due - this.clock.now(), 20), () => {
      this.cancelTimer = null
      this.store.dispatch({ type: 'tick', now: this.clock.now() })
      this.pump()
    })
  }

  private sync(id: string): SyncLoop {
    const known = this.syncs.get(id)
    if (known) return known
    const loop = new SyncLoop(async () => {
      if (!this.up || !this.watched().has(id)) return true
      const answer = await this.askThread('sync', id)
      if (answer === null) this.socket.abandon()
      else if (!answer.ok) this.thread(id, { type: 'lost' })
      return !this.store.get().threads[id]?.wants
    }, this.clock)
    this.syncs.set(id, loop)
    return loop
  }

  private nextDeadline(): number | null {
    const { threads, typing, outbox } = this.store.get()
    const orphans = Object.values(threads).flatMap((t: Thread) =>
      Object.values(t.orphans).map(o => o.since + ORPHAN_MS),
    )
    const typed = Object.values(typing).map(t => t.until)
    const queued = this.up ? nextAt(outbox) : null
    const times = [...orphans, ...typed, ...(queued === null ? [] : [queued])]
    return times.length ? Math.min(...times) : null
  }
}
