/** How loudly the console says that nobody has come: by what is overdue, and how often it went higher. Pure. */
import type { Handoff } from './wire'

/** 0: nothing is overdue; 1: something is; 2 and 3: it went higher, more than once. */
export type Loudness = 0 | 1 | 2 | 3

export interface Late {
  loudness: Loudness
  /** Open, past their time, and of an urgency for which somebody waits; the one that went highest first. */
  handoffs: readonly Handoff[]
}

export function late(all: Readonly<Record<string, Handoff>>, now: number): Late {
  const handoffs = Object.values(all)
    .filter(
      h =>
        h.state === 'open' && h.urgency !== 'low' && Date.parse(h.due_at) < now && (h.step ?? 0) + waited(h, now) > 0,
    )
    .sort((a, b) => (b.step ?? 0) - (a.step ?? 0) || Date.parse(a.due_at) - Date.parse(b.due_at))
  const loudness = handoffs[0] ? (Math.min(3, 1 + (handoffs[0].step ?? 0)) as Loudness) : 0
  return { loudness, handoffs }
}

const MINUTE = 60_000

/** What is severe is due at once: for its first minute everybody is on the way. */
function waited(h: Handoff, now: number): number {
  return now - Date.parse(h.due_at) >= (h.urgency === 'severe' ? MINUTE : 0) ? 1 : 0
}
