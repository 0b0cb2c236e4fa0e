/** The edge of the outbox: sends what the reducer says is due, and keeps unsettled messages on a shelf across reloads. */
import { type Draft, next, type Outbox, type OutboxAction, type Outgoing, unsettled } from './outbox'
import type { Clock } from './socket'
import type { Ack } from './wire'

/** Where unsettled messages survive a reload; a browser may forbid it, then they live as long as the page. */
export interface Shelf {
  list(prefix: string): string[]
  get(key: string): string | null
  put(key: string, value: string): void
  drop(key: string): void
}

/** A day: after it, a message that was never sent is shown as not sent, and the person decides. */
const STALE_MS = 24 * 3600 * 1000

export class Courier {
  constructor(
    private readonly get: () => Outbox,
    private readonly dispatch: (action: OutboxAction) => void,
    private readonly ask: (o: Outgoing) => Promise<Ack<{ seq?: number; staff_seq?: number }> | null>,
    private readonly shelf: Shelf,
    private readonly prefix: string,
    private readonly clock: Clock,
  ) {}

  restore(): void {
    const items = this.shelf.list(this.prefix).map(read).filter(isOutgoing)
    const now = this.clock.now()
    this.dispatch({
      type: 'restore',
      items: items.map(o => ({
        ...o,
        state: now - o.at > STALE_MS || o.state === 'failed' ? 'failed' : 'waiting',
        notBefore: 0,
      })),
    })
  }

  add(draft: Omit<Draft, 'at'>): void {
    // In the order of writing, whatever the machine's clock was set to between two visits.
    const at = Math.max(this.clock.now(), (this.get().at(-1)?.at ?? 0) + 1)
    this.dispatch({ type: 'add', draft: { ...draft, at } })
    this.keep()
  }

  discard(id: string): void {
    this.dispatch({ type: 'discard', id })
    this.shelf.drop(this.prefix + id)
  }

  /** Nothing of it is to be sent any more. */
  clear(): void {
    for (const { id } of this.get()) this.discard(id)
  }

  /** Sends everything that is due; call it whenever the state or the connection changed. */
  pump(): void {
    for (let due = next(this.get(), this.clock.now()); due; due = next(this.get(), this.clock.now())) {
      this.dispatch({ type: 'sending', id: due.id })
      void this.deliver(due)
    }
  }

  private async deliver(o: Outgoing): Promise<void> {
    const answer = await this.ask(o)
    const now = this.clock.now()
    if (answer === null) this.dispatch({ type: 'unanswered', id: o.id, now })
    else if (answer.ok) {
      this.shelf.drop(this.prefix + o.id)
      this.dispatch({ type: 'acked', id: o.id, seq: answer.seq ?? answer.staff_seq ?? 0 })
    } else {
      this.dispatch({ type: 'refused', id: o.id, error: answer.error, now })
      this.keep()
    }
  }

  private keep(): void {
    for (const o of unsettled(this.get())) this.shelf.put(this.prefix + o.id, JSON.stringify(o))
  }
}

/** A shelf on the browser's storage that never throws. */
export function browserShelf(storage: () => Storage): Shelf {
  const safely = <T>(run: (s: Storage) => T, otherwise: T): T => {
    try {
      return run(storage())
    } catch {
      return otherwise
    }
  }
  return {
    list: prefix =>
      safely(s => {
        const keys = Array.from({ length: s.length }, (_, i) => s.key(i) ?? '')
        return keys.filter(k => k.startsWith(prefix)).map(k => s.getItem(k) ?? '')
      }, []),
    get: key => safely(s => s.getItem(key), null),
    put: (key, value) => safely(s => s.setItem(key, value), undefined),
    drop: key => safely(s => s.removeItem(key), undefined),
  }
}

function read(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

function isOutgoing(value: unknown): value is Outgoing {
  const o = value as Partial<Outgoing> | null
  return typeof o?.id === 'string' && typeof o.text === 'string' && typeof o.at === 'number'
}
