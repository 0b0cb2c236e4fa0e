/** Asks the server again, one question at a time, and more slowly where asking does not help. */
import type { Clock } from './socket'

const FIRST_MS = 250
const LONGEST_MS = 8000

export class SyncLoop {
  private running = false
  private waiting: (() => void) | null = null
  private wait = 0

  /** `ask` resolves true when nothing more is wanted. */
  constructor(
    private readonly ask: () => Promise<boolean>,
    private readonly clock: Clock,
  ) {}

  want(): void {
    if (this.running || this.waiting) return
    void this.run()
  }

  /** A new connection starts afresh. */
  reset(): void {
    this.waiting?.()
    this.waiting = null
    this.wait = 0
  }

  private async run(): Promise<void> {
    this.running = true
    const done = await this.ask()
    this.running = false
    this.wait = done ? 0 : Math.min(Math.max(this.wait * 2, FIRST_MS), LONGEST_MS)
    if (done) return
    this.waiting = this.clock.after(this.wait, () => {
      this.waiting = null
      this.want()
    })
  }
}
