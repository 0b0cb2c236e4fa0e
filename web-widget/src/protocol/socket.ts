/**
 * The edge to Socket.IO, for both namespaces: connects WebSocket first, comes back by itself with jittered back-off,
 * honours the server's `goodbye`, asks with a time limit. Knows nothing of conversations.
 */
import { io } from 'socket.io-client'
import type { Ack, Goodbye, WireError } from './wire'

/** What of a Socket.IO client is used; tests script one. */
export interface RawSocket {
  connected: boolean
  on(name: string, handler: (payload: never) => void): unknown
  emit(name: string, payload: unknown, ack?: (answer: unknown) => void): unknown
  connect(): unknown
  disconnect(): unknown
}

export type Dial = (url: string, auth: (give: (auth: object) => void) => void) => RawSocket

export interface Clock {
  now(): number
  after(ms: number, run: () => void): () => void
  random(): number
}

export type Refusal = { code: string; message: string; retry_after_ms?: number }
/** What to do about a refused connection: come back with another `auth` at once, later, or not at all. */
export type OnRefused = (refusal: Refusal) => 'now' | 'later' | 'never'

export interface Handlers {
  auth(): Promise<object> | object
  events: Record<string, (payload: never) => void>
  up(): void
  down(): void
  refused: OnRefused
  /** An attempt ended before the server said a word: no network, nobody there, or not for this page. */
  unheard?(): void
}

const ASK_MS = 10_000
const STALL_MS = 25_000
const STEADY_MS = 5000
const FIRST_WAIT_MS = 400
const LONGEST_WAIT_MS = 20_000
const GROWTH = 1.6

export const browserClock: Clock = {
  // Steady, though somebody sets the machine's clock: nothing waits an hour for that.
  now: () => performance.timeOrigin + performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

export const dial: Dial = (url, auth) =>
  io(url, {
    path: '/socket.io',
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnection: false,
    autoConnect: false,
    forceNew: true,
    auth,
  }) as unknown as RawSocket

export class Socket {
  private readonly raw: RawSocket
  private readonly pending = new Set<() => void>()
  private tries = 0
  private earliest = 0
  private cancel: (() => void) | null = null
  private cancelStall: (() => void) | null = null
  private cancelSteady: (() => void) | null = null
  private closed = true

  constructor(
    url: string,
    private readonly handlers: Handlers,
    private readonly clock: Clock = browserClock,
    dialer: Dial = dial,
  ) {
    this.raw = dialer(url, give => {
      Promise.resolve(handlers.auth()).then(give, () => this.lost())
    })
    this.raw.on('connect', () => {
      this.cancelStall?.()
      // A connection that is cut at once must not count as a success, or both ends spin.
      this.cancelSteady = clock.after(STEADY_MS, () => {
        this.tries = 0
      })
      handlers.up()
    })
    this.raw.on('disconnect', () => this.lost())
    this.raw.on('connect_error', (error: { message?: string; data?: Partial<Refusal> }) => this.connectError(error))
    this.raw.on('goodbye', (g: Goodbye) => {
      this.earliest = this.clock.now() + (g.retry_after_ms ?? 0)
    })
    for (const [name, handler] of Object.entries(handlers.events)) this.raw.on(name, handler)
  }

  get connected(): boolean {
    return this.raw.connected
  }

  open(): void {
    this.closed = false
    if (!this.raw.connected && !this.cancel) this.reach()
  }

  close(): void {
    this.closed = true
    this.cancel?.()
    this.cancel = null
    this.cancelStall?.()
    this.raw.disconnect()
  }

  /** The network or the tab is back: try now, unless the server asked for patience. */
  nudge(): void {
    if (this.closed || this.raw.connected || !this.cancel || this.clock.now() < this.earliest) return
    this.cancel()
    this.cancel = null
    this.reach()
  }

  /** A connection that no longer answers, or was asked for by somebody else, is cut, so that another takes its place. */
  abandon(): void {
    const { connected } = this.raw
    this.raw.disconnect()
    if (!connected && !this.closed) this.lost()
  }

  send(name: string, payload: object): void {
    if (this.raw.connected) this.raw.emit(name, payload)
  }

  /** Resolves with the acknowledgement, or null where none came: time out, or the connection went. */
  ask<T = object>(name: string, payload: object): Promise<Ack<T> | null> {
    if (!this.raw.connected) return Promise.resolve(null)
    return new Promise(resolve => {
      const settle = (answer: Ack<T> | null) => {
        stop()
        this.pending.delete(giveUp)
        resolve(answer)
      }
      const giveUp = () => settle(null)
      const stop = this.clock.after(ASK_MS, giveUp)
      this.pending.add(giveUp)
      this.raw.emit(name, payload, answer => settle(readAck<T>(answer)))
    })
  }

  private connectError(error: { message?: string; data?: Partial<Refusal> }): void {
    const code = error.data?.code
    if (!code) {
      this.handlers.unheard?.()
      this.lost()
      return
    }
    const refusal = { message: error.message ?? '', ...error.data, code }
    const verdict = this.handlers.refused(refusal)
    if (verdict === 'never') {
      this.closed = true
      this.lost()
    } else if (verdict === 'now' && this.tries < 2) {
      this.tries += 1
      this.again(0)
    } else {
      this.earliest = this.clock.now() + (refusal.retry_after_ms ?? 0)
      this.lost()
    }
  }

  private lost(): void {
    this.cancelStall?.()
    this.cancelSteady?.()
    for (const giveUp of [...this.pending]) giveUp()
    this.handlers.down()
    if (this.closed || this.cancel) return
    const ceiling = Math.min(FIRST_WAIT_MS * GROWTH ** this.tries, LONGEST_WAIT_MS)
    this.tries += 1
    const wait = ceiling / 2 + (this.clock.random() * ceiling) / 2
    this.again(Math.max(wait, this.earliest - this.clock.now()))
  }

  private again(ms: number): void {
    this.cancel?.()
    this.cancel = this.clock.after(ms, () => {
      this.cancel = null
      if (!this.closed) this.reach()
    })
  }

  /** A transport may open and the namespace never answer: that too is a failed attempt. */
  private reach(): void {
    this.cancelStall?.()
    this.cancelStall = this.clock.after(STALL_MS, () => {
      if (this.raw.connected || this.closed) return
      this.raw.disconnect()
      this.lost()
    })
    this.raw.connect()
  }
}

function readAck<T>(answer: unknown): Ack<T> {
  if (answer && typeof answer === 'object' && 'ok' in answer) return answer as Ack<T>
  const error: WireError = { code: 'unavailable', message: 'The server gave no usable answer.' }
  return { ok: false, error }
}
