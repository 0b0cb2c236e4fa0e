/** A server that keeps the wire's rules, small enough to be checked by eye; tests cut, double and reorder what it sends. */
import type { ChatEvent, Delta, Head, Outcome, Snapshot } from '../src/protocol/wire'

export type Frame = { event: ChatEvent } | { delta: Delta } | { head: Head }
type Fields = ChatEvent extends infer E
  ? E extends ChatEvent
    ? Omit<E, 'conversation' | 'history' | 'seq' | 'at'>
    : never
  : never

const ID = 'c1'

export class ServerModel {
  log: ChatEvent[] = []
  history = 'h1'
  epoch = 0
  owner: 'ai' | 'queue' | 'human' = 'ai'
  running: { turn: string; text: string; to: number; marks: Map<number, number> } | null = null
  private made = 0

  constructor(
    private readonly send: (frame: Frame) => void,
    private readonly limits = { page: 200, fresh: 50 },
  ) {}

  append(fields: Fields): void {
    const event = {
      ...fields,
      conversation: ID,
      history: this.history,
      seq: this.log.length + 1,
      at: '2026-01-01T00:00:00Z',
    } as ChatEvent
    this.log.push(event)
    this.send({ event })
  }

  customer(text: string, clientId?: string): void {
    const message = {
      id: this.id('m'),
      author: { kind: 'customer', name: '' },
      text,
      format: 'plain',
      client_id: clientId,
    }
    this.append({ kind: 'message', message } as Fields)
  }

  start(): void {
    this.running = this.blank()
    this.append({ kind: 'reply_started', turn: this.running.turn, answers: [this.log.length] })
  }

  restart(): void {
    if (!this.running) return
    const replaces = this.running.turn
    this.running = this.blank()
    this.append({ kind: 'restarted', turn: this.running.turn, replaces, answers: [] })
  }

  /** `step` is how far the opaque position moves; it need not be the length of the text. */
  chunk(text: string, step: number): void {
    const r = this.running
    if (!r) return
    const at = r.to
    r.to += step
    r.text += text
    r.marks.set(r.to, r.text.length)
    this.send({ delta: { conversation: ID, turn: r.turn, at, to: r.to, text } })
  }

  finish(outcome: Outcome): void {
    const r = this.running
    if (!r) return
    this.running = null
    const interrupted = outcome === 'complete' ? undefined : true
    const id = this.id('m')
    const message = {
      id,
      author: { kind: 'ai', name: 'Assistant' },
      text: r.text,
      format: 'markdown',
      turn: r.turn,
      interrupted,
    }
    this.append({ kind: 'message', message } as Fields)
    this.append({ kind: 'reply_finished', turn: r.turn, outcome, message: id })
  }

  own(owner: 'ai' | 'queue' | 'human'): void {
    this.owner = owner
    this.epoch += 1
    this.append({ kind: 'owner_changed', owner, epoch: this.epoch, by: { kind: 'human', name: 'Dana' } })
    if (owner !== 'ai') this.finish('taken_over')
  }

  /** The database was restored from an older copy: a shorter log under another history id. */
  restore(lost: number): void {
    this.running = null
    this.history = this.id('h')
    this.log = this.log.slice(0, Math.max(1, this.log.length - lost)).map(e => ({ ...e, history: this.history }))
    // A reply that the copy left unfinished is ended by the server's sweep.
    const open = new Set<string>()
    for (const e of this.log) {
      if (e.kind === 'reply_started' || e.kind === 'restarted') open.add(e.turn)
      if (e.kind === 'restarted') open.delete(e.replaces)
      if (e.kind === 'reply_finished') open.delete(e.turn)
    }
    for (const turn of open) this.append({ kind: 'reply_finished', turn, outcome: 'failed' })
  }

  head(): void {
    const live = this.running ? { turn: this.running.turn, to: this.running.to } : {}
    this.send({ head: { conversation: ID, seq: this.log.length, ...live } })
  }

  snapshot(ask: { history?: string; after?: number; live?: { turn: string; at: number } }): Snapshot {
    const head = this.log.length
    const unknown = ask.history !== undefined && ask.history !== this.history
    const after = ask.after
    const whole = after === undefined || unknown || after > head
    const base = {
      conversation: { id: ID, owner: this.owner, epoch: this.epoch, state: 'open' as const },
      history: this.history,
      head,
      live: this.live(ask.live),
    }
    if (whole) {
      const events = this.log.slice(-this.limits.fresh)
      return { ...base, events, ...(unknown || events.length < head || after !== undefined ? { resync: true } : {}) }
    }
    const events = this.log.slice(after, after + this.limits.page)
    return { ...base, events, ...(after + events.length < head ? { more: true } : {}) }
  }

  private live(ask?: { turn: string; at: number }) {
    const r = this.running
    if (!r) return null
    const length = ask && ask.turn === r.turn ? r.marks.get(ask.at) : undefined
    if (ask === undefined || length === undefined) return { turn: r.turn, from: 0, to: r.to, text: r.text }
    return { turn: r.turn, from: ask.at, to: r.to, text: r.text.slice(length) }
  }

  private blank() {
    return { turn: this.id('t'), text: '', to: 0, marks: new Map([[0, 0]]) }
  }

  private id(prefix: string): string {
    this.made += 1
    return `${prefix}${this.made}`
  }
}

/** A small seeded generator (mulberry32): the same seed fails the same way. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
