/** What the console reads by pages: the inbox, as far as one looks, and the handoffs. Rows that come live go past it. */
import type { Desk, DeskAction } from './desk'
import type { Clock, Socket } from './socket'
import type { Store } from './store'
import type * as wire from './wire'

type Page<T> = { rows: T[]; cursor?: string | null }

/** So many pages at once; the rest of a long inbox comes as one scrolls towards it. */
const PAGES = 10
const MORE_PAGES = 3
/** The gateway cuts a socket that asks without end. */
const MORE_EVERY_MS = 250

export class Pages {
  /** Where the inbox goes on beyond its rows; null at its end, and while it is asked. */
  private after: string | null = null
  private asked = 0

  constructor(
    private readonly socket: Socket,
    private readonly store: Store<Desk, DeskAction>,
    private readonly clock: Clock,
  ) {}

  async inbox(): Promise<void> {
    const before = new Set(Object.keys(this.store.get().rows))
    this.after = null
    const rows = await this.read<wire.Row>('inbox', { view: 'all' }, PAGES, this.take)
    if (!rows) return
    // Rows that came live while the pages were read stay too; and all, where there are more than were read.
    const known = Object.keys(this.store.get().rows)
    const others = this.after === null ? known.filter(id => !before.has(id)) : known
    this.store.dispatch({ type: 'listed', ids: new Set([...rows.map(r => r.id), ...others]) })
  }

  /** The rows behind those that are here. */
  async more(): Promise<void> {
    const cursor = this.after
    const now = this.clock.now()
    if (cursor === null || !this.store.get().loaded || now - this.asked < MORE_EVERY_MS) return
    this.asked = now
    this.after = null
    const rows = await this.read('inbox', { view: 'all', cursor }, MORE_PAGES, this.take)
    if (!rows) this.after ??= cursor
  }

  /** Asks the server's search, or for a view's rows; null where it did not answer. */
  async find(view: wire.InboxView, query: string): Promise<string[] | null> {
    const answer = await this.socket.ask<Page<wire.Row>>('inbox', { view, ...(query ? { query } : {}) })
    if (!answer?.ok) return null
    this.store.dispatch({ type: 'rows', rows: answer.rows })
    return answer.rows.map(row => row.id)
  }

  async handoffs(): Promise<void> {
    await this.read<wire.Handoff>('handoffs', {}, PAGES, handoffs =>
      this.store.dispatch({ type: 'handoffs', handoffs }),
    )
  }

  private readonly take = (rows: wire.Row[], after: string | null) => {
    this.store.dispatch({ type: 'rows', rows })
    this.after = after
  }

  private async read<T>(
    name: string,
    ask: object,
    most: number,
    take: (rows: T[], after: string | null) => void,
  ): Promise<T[] | null> {
    const all: T[] = []
    let where = ask
    for (let i = 0; i < most; i++) {
      const answer: wire.Ack<Page<T>> | null = await this.socket.ask(name, where)
      if (!answer?.ok) return null
      all.push(...answer.rows)
      const cursor = answer.cursor ?? null
      take(answer.rows, cursor)
      if (!cursor) break
      where = { ...ask, cursor }
    }
    return all
  }
}
