/**
 * One socket for all tabs of a browser: whoever holds a lock leads, has the connection, and passes its packets on; the others send
 * through it. To the client each looks like a socket of its own, and a change of the leader like a short cut, after which
 * it says where it stood. Where locks or channels are missing or forbidden, every tab has its own.
 */
import { newId } from './ids'
import { browserClock, type Clock, type Dial, dial, type RawSocket } from './socket'
import type { Ack, Ready, Snapshot } from './wire'

/** What of a browser is used; tests script one. */
export interface Host {
  locks: Pick<LockManager, 'request'>
  channel(name: string): Pick<BroadcastChannel, 'postMessage' | 'close' | 'onmessage'>
  hidden(): boolean
  /** The page goes away or is frozen; it may come back. */
  leaving(run: () => void): void
}

/** `from` asks the leader, `to` is its answer; without either it passes on what the server said. */
interface Said {
  from?: string
  to?: string
  n?: number | undefined
  e?: string
  p?: unknown
}
type Handler = (payload: never) => void

const LOOK_MS = 500

export function browserHost(): Host | null {
  if (!navigator.locks || !('BroadcastChannel' in window)) return null
  return {
    locks: navigator.locks,
    channel: name => new BroadcastChannel(name),
    hidden: () => document.hidden,
    leaving: run => {
      window.addEventListener('pagehide', run)
      document.addEventListener('freeze', run)
    },
  }
}

/** Dials for all tabs that use the same name. */
export function together(name: string, host = browserHost(), clock = browserClock, dialer = dial): Dial {
  return host ? (url, auth) => new SharedSocket(name, host, clock, dialer(url, auth), auth) : dialer
}

class SharedSocket implements RawSocket {
  private readonly id = newId()
  private readonly handlers = new Map<string, Handler>()
  private readonly answers = new Map<number, (answer: unknown) => void>()
  private channel: ReturnType<Host['channel']> | null = null
  private claimed: AbortController | null = null
  /** Set while this tab leads. */
  private resign: (() => void) | null = null
  private welcome: Ready | null = null
  private wanted = false
  private joined = false
  private unanswered = false
  private stopLooking: (() => void) | null = null
  private asked = 0

  constructor(
    private readonly name: string,
    private readonly host: Host,
    private readonly clock: Clock,
    private readonly raw: RawSocket,
    private readonly auth: Parameters<Dial>[1],
  ) {
    host.leaving(() => this.leave())
  }

  get connected(): boolean {
    return this.resign ? this.raw.connected : this.joined
  }

  on(name: string, handler: Handler): void {
    this.handlers.set(name, handler)
    this.raw.on(name, (payload: never) => this.heard(name, payload))
  }

  emit(name: string, payload: unknown, ack?: (answer: unknown) => void): void {
    if (this.resign) this.carry(name, payload, ack)
    else this.ask(name, payload, ack)
  }

  connect(): void {
    this.wanted = true
    if (this.resign) this.raw.connect()
    else if (this.channel) this.join()
    else this.enter()
  }

  /** Without the lead this is a wish for a new connection, which only a leader can fulfil. */
  disconnect(): void {
    if (this.resign) this.raw.disconnect()
    else if (this.channel) {
      this.claim(true)
      this.cut()
    }
  }

  private enter(): void {
    this.channel = this.host.channel(this.name)
    this.channel.onmessage = ({ data }) => this.take(data)
    // Who the page says the visitor is, is told with a connection of one's own.
    this.auth(given => this.claim('identity' in given))
    this.join()
    this.look()
  }

  private claim(steal: boolean): void {
    this.claimed?.abort()
    const mine = new AbortController()
    this.claimed = mine
    const hold = () => this.claimed === mine && new Promise<void>(resolve => this.lead(resolve))
    this.host.locks.request(this.name, steal ? { steal } : { signal: mine.signal }, hold).catch(() => {
      if (this.claimed === mine) this.refused()
    })
  }

  private lead(resign: () => void): void {
    this.resign = resign
    this.post({ e: 'disconnect' })
    if (this.joined) this.cut()
    else if (this.wanted) this.raw.connect()
  }

  /** Another tab took the lead, or a page may have no locks. */
  private refused(): void {
    if (!this.resign) {
      this.channel?.close()
      this.channel = null
      this.stopLooking?.()
      this.lead(() => undefined)
      return
    }
    const { connected } = this.raw
    this.resign = null
    this.raw.disconnect()
    this.claim(false)
    if (!connected && this.wanted) this.join()
  }

  /** A page that may sleep or be kept must hold nothing that others wait for. */
  private leave(): void {
    if (!this.channel) return
    const { resign } = this
    const { connected } = this.raw
    this.channel.close()
    this.channel = null
    this.resign = null
    this.claimed?.abort()
    this.claimed = null
    this.stopLooking?.()
    this.raw.disconnect()
    resign?.()
    if (!connected) this.cut()
  }

  private cut(): void {
    this.joined = false
    this.wanted = false
    this.answers.clear()
    this.handlers.get('disconnect')?.(undefined as never)
  }

  /** A leader that does not answer, or is out of sight with no connection, is replaced by a tab that is looked at. */
  private look(): void {
    this.stopLooking = this.clock.after(LOOK_MS, () => {
      this.look()
      const stale = this.unanswered
      this.unanswered = false
      if (this.resign || this.host.hidden() || !(this.wanted || this.joined)) return
      if (stale) return this.claim(true)
      this.unanswered = true
      this.ask('look', null, fit => {
        this.unanswered = !fit
      })
    })
  }

  private join(): void {
    this.auth(given => {
      const { history, after, live } = given as Partial<Record<string, unknown>>
      this.ask('join', { history, after, live }, answer => {
        if (!this.wanted || this.resign) return
        if (!(answer as Ack).ok) return this.cut()
        this.wanted = false
        this.joined = true
        for (const name of ['connect', 'ready']) this.handlers.get(name)?.(answer as never)
      })
    })
  }

  /** What the server said to the leader. */
  private heard(name: string, payload: never): void {
    if (name === 'ready') this.welcome = payload
    if (name === 'disconnect') this.welcome = null
    if (this.resign) {
      const { message, data } = payload ?? {}
      this.post({ e: name, p: name === 'connect_error' ? { message, data } : name === 'ready' ? null : payload })
    }
    this.handlers.get(name)?.(payload)
  }

  private carry(name: string, payload: unknown, ack?: (answer: unknown) => void): void {
    // An acknowledgement that is undefined would be sent as an argument.
    if (!ack) return void this.raw.emit(name, payload)
    this.raw.emit(name, payload, answer => {
      ack(answer)
      // What came meanwhile is in this answer and nowhere else: whoever did not get it asks for it.
      const { conversation, head, live } = answer as Snapshot
      if (name === 'sync' && conversation)
        this.heard('head', { conversation: conversation.id, seq: head, turn: live?.turn, to: live?.to } as never)
    })
  }

  private take(m: Said): void {
    const { from, to, n = 0, e = '', p } = m
    if (from) {
      if (this.resign) this.serve(e, p, m.n === undefined ? undefined : answer => this.post({ to: from, n, p: answer }))
    } else if (to) {
      if (to !== this.id) return
      this.answers.get(n)?.(p)
      this.answers.delete(n)
    } else if (!this.resign) {
      if (e === 'ready') this.wanted && this.join()
      else if (e === 'disconnect') this.joined && this.cut()
      else if (e === 'connect_error' ? this.wanted : this.joined) this.handlers.get(e)?.(p as never)
    }
  }

  private serve(name: string, payload: unknown, answer?: (answer: unknown) => void): void {
    if (name === 'look') answer?.(this.raw.connected || !this.host.hidden())
    else if (name !== 'join') this.raw.connected && this.carry(name, payload, answer)
    else if (this.welcome) {
      const { token, business } = this.welcome
      this.carry('sync', payload, a => answer?.({ ...(a as object), token, business }))
    }
  }

  private ask(e: string, p: unknown, answer?: (answer: unknown) => void): void {
    const n = answer && ++this.asked
    if (n) this.answers.set(n, answer)
    this.post({ from: this.id, n, e, p })
  }

  private post(said: Said): void {
    this.channel?.postMessage(said)
  }
}
