/**
 * Quotes, holds, bookings and the like, as they stand in the conversation. What comes is not believed: a page shows words of
 * bounded length, and a button leads to an `https` address or says words, nothing else. Pure.
 */
import { safeHref, visible } from '../text/markdown'
import type { ChatEvent } from './wire'

export interface CardView {
  id: string
  /** A quote, a hold, and so on, as the gateway calls it. */
  type: string
  version: number
  state: string
  title: string
  lines: { label: string; value: string }[]
  total: string
  action: { label: string; href: string } | { label: string; say: string } | null
}

const MOST_LINES = 30
const LONGEST = 200

/** What of a card can be shown; null where it has no name to stand under. */
export function cardOf(event: Extract<ChatEvent, { kind: 'card' }>): CardView | null {
  const raw = record(event.card)
  const { id, version } = raw
  const title = words(raw.title) || words(raw.type)
  if (typeof id !== 'string' || typeof version !== 'number' || !title) return null
  const lines = Array.isArray(raw.lines) ? raw.lines.slice(0, MOST_LINES).map(record) : []
  return {
    id,
    type: words(raw.type),
    version,
    state: words(raw.state),
    title,
    lines: lines.map(l => ({ label: words(l.label), value: words(l.value) })).filter(l => l.label || l.value),
    total: words(raw.total),
    action: actionOf(record(raw.action)),
  }
}

function actionOf(raw: Record<string, unknown>): CardView['action'] {
  const label = words(raw.label)
  if (!label) return null
  const href = typeof raw.url === 'string' ? safeHref(raw.url) : null
  if (href?.startsWith('https:')) return { label, href }
  const say = words(raw.say)
  return say ? { label, say } : null
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function words(value: unknown): string {
  return typeof value === 'string' ? visible(value).trim().slice(0, LONGEST) : ''
}
