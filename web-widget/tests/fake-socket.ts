/** A scripted Socket.IO connection and a clock that moves when told to: no network, no waiting. */
import type { Clock, Dial, RawSocket } from '../src/protocol/socket'

export class TestClock implements Clock {
  private time = 1_000_000
  private timers: { at: number; run: () => void }[] = []

  now = () => this.time
  random = () => 0.5

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter(t => t !== timer)
    }
  }

  /** Lets time pass, running what falls due in its order. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms
    for (;;) {
      await settled()
      const due = this.timers.filter(t => t.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.timers = this.timers.filter(t => t !== due)
      this.time = Math.max(this.time, due.at)
      due.run()
    }
    this.time = end
    await settled()
  }
}

/** Lets promises that are already resolved be heard. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

export interface Asked {
  name: string
  payload: Record<string, unknown>
  answer(value: unknown): void
}

export class FakeSocket implements RawSocket {
  connected = false
  attempts = 0
  asked: Asked[] = []
  auths: Record<string, unknown>[] = []
  private readonly handlers = new Map<string, (payload: never) => void>()
  private auth: (give: (auth: object) => void) => void = () => undefined

  readonly dial: Dial = (_url, auth) => {
    this.auth = auth
    return this
  }

  on(name: string, handler: (payload: never) => void): void {
    this.handlers.set(name, handler)
  }

  emit(name: string, payload: unknown, ...acks: ((answer: unknown) => void)[]): void {
    if (acks.some(ack => typeof ack !== 'function')) throw new Error('the server would refuse a second argument')
    this.asked.push({ name, payload: payload as Record<string, unknown>, answer: value => acks[0]?.(value) })
  }

  connect(): void {
    this.attempts += 1
    this.auth(auth => this.auths.push(auth as Record<string, unknown>))
  }

  disconnect(): void {
    if (this.connected) this.drop()
  }

  /** The server accepts the connection. */
  accept(): void {
    this.connected = true
    this.deliver('connect', undefined)
  }

  refuse(code: string, more: object = {}): void {
    this.deliver('connect_error', { message: code, data: { code, ...more } })
  }

  drop(): void {
    this.connected = false
    this.deliver('disconnect', undefined)
  }

  deliver(name: string, payload: unknown): void {
    this.handlers.get(name)?.(payload as never)
  }

  of(name: string): Asked[] {
    return this.asked.filter(a => a.name === name)
  }
}
