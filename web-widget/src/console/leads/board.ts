/** The board as it is shown: what others do to it appears by itself, but never under the finger. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { useDesk } from '../hooks'
import { type Loaded, useLoaded, useLooking } from '../settings/loading'
import { useApi } from '../settings/session'
import { type Board, type Filters, newsOf, question } from './leads'

const LOOK_EVERY_MS = 8000
const SOON_MS = 250

export interface Shown extends Loaded<Board> {
  again(): void
  /** What one did oneself stands there at once. */
  change(change: (board: Board) => Board): void
  /** How many cards wait to be shown elsewhere. */
  news: number
  show(): void
}

/** `busy`: somebody is at work on it. */
export function useBoard(filters: Filters, busy: boolean): Shown {
  const { get } = useApi()
  const asked = question(filters)
  const load = useCallback(() => get<Board>(asked), [get, asked])
  const { value, waiting, why, again, change } = useLoaded(load)
  const [kept, setKept] = useState<Board | null>(null)
  useEffect(() => {
    if (!busy) setKept(value)
  }, [busy, value])
  useEffect(() => {
    // Another question has another answer, whatever is done meanwhile.
    if (asked) setKept(null)
  }, [asked])
  useHeard(again)
  const mine = useCallback(
    (act: (board: Board) => Board) => {
      change(act)
      setKept(board => board && act(board))
    },
    [change],
  )
  const shown = kept ?? value
  return {
    value: shown,
    waiting,
    why,
    again,
    change: mine,
    news: shown && value ? newsOf(shown, value) : 0,
    show: () => setKept(value),
  }
}

/** Looks again where a conversation changed, which tells of a lead perhaps, and now and then: colleagues' moves are told nowhere else. */
function useHeard(again: () => void): void {
  const stamp = useDesk(d => Object.values(d.rows).reduce((sum, row) => sum + row.rev, 0))
  const seen = useRef<number | null>(null)
  useEffect(() => {
    const first = seen.current === null
    seen.current = stamp
    if (first) return
    const timer = setTimeout(again, SOON_MS)
    return () => clearTimeout(timer)
  }, [stamp, again])
  useLooking(again, LOOK_EVERY_MS)
}
