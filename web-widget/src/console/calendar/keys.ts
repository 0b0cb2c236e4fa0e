/** The calendar's keys: one letter or an arrow, never while somebody writes or answers a question. */
import { useLayoutEffect, useRef } from 'react'
import type { Span } from './dates'

interface Moves {
  step(by: 1 | -1): void
  today(): void
  show(span: Span): void
  /** Null where nothing is open. */
  close: (() => void) | null
}

export function useCalendarKeys(moves: Moves): void {
  const now = useRef(moves)
  useLayoutEffect(() => {
    now.current = moves
  })
  useLayoutEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return
      if ((e.target as HTMLElement).closest('input, textarea, select, dialog[open], [contenteditable]')) return
      const run: Record<string, (() => void) | null> = {
        ArrowLeft: () => now.current.step(-1),
        ArrowRight: () => now.current.step(1),
        p: () => now.current.step(-1),
        n: () => now.current.step(1),
        t: now.current.today,
        d: () => now.current.show('day'),
        w: () => now.current.show('week'),
        m: () => now.current.show('month'),
        Escape: now.current.close,
      }
      const found = run[e.key]
      if (!found) return
      e.preventDefault()
      found()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [])
}
