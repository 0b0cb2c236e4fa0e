/** The handoffs as a person goes through them: those of a kind, those still to do, the most urgent first. Pure. */
import type { Handoff } from './wire'

export type HandoffKind = Handoff['kind']
/** To do: nobody has settled it. Mine: of those, the ones that I claimed. Done: settled or withdrawn. */
export type Standing = 'todo' | 'mine' | 'done'

export const KINDS: readonly HandoffKind[] = ['booking', 'complaint', 'human', 'payment', 'lead']
export const STANDINGS: readonly Standing[] = ['todo', 'mine', 'done']
const URGENCY: Record<Handoff['urgency'], number> = { severe: 0, high: 1, normal: 2, low: 3 }

export interface Wanted {
  kind: HandoffKind | null
  standing: Standing
}

export function handoffsOf(all: Readonly<Record<string, Handoff>>, wanted: Wanted, me: string): Handoff[] {
  return Object.values(all)
    .filter(h => stands(h, wanted.standing, me) && (wanted.kind === null || h.kind === wanted.kind))
    .sort(wanted.standing === 'done' ? newest : mostUrgent)
}

/** How many there are of each kind, in one standing. */
export function counts(
  all: Readonly<Record<string, Handoff>>,
  standing: Standing,
  me: string,
): Record<HandoffKind, number> {
  const out: Record<HandoffKind, number> = { booking: 0, complaint: 0, human: 0, payment: 0, lead: 0 }
  for (const h of Object.values(all)) if (stands(h, standing, me)) out[h.kind] += 1
  return out
}

/** The more urgent first; of those as urgent, the one that is due first. */
export function mostUrgent(a: Handoff, b: Handoff): number {
  return URGENCY[a.urgency] - URGENCY[b.urgency] || Date.parse(a.due_at) - Date.parse(b.due_at)
}

function newest(a: Handoff, b: Handoff): number {
  return Date.parse(b.due_at) - Date.parse(a.due_at)
}

function stands(h: Handoff, standing: Standing, me: string): boolean {
  const over = h.state === 'resolved' || h.state === 'withdrawn'
  if (standing === 'done') return over
  return !over && (standing === 'todo' || h.claimed_by === me)
}
