/** The board's keys: arrows from card to card, m to move one; never while somebody writes or answers a question. */
import { useLayoutEffect, useRef } from 'react'

type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight'
const ARROWS: readonly string[] = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'] satisfies Arrow[]

interface Keys {
  /** The card that has the focus; null: the one that is open, if any. */
  ask(id: string | null): void
  step(id: string, arrow: Arrow): void
  /** Null where nothing is open. */
  close: (() => void) | null
}

export function useLeadKeys(keys: Keys): void {
  const now = useRef(keys)
  useLayoutEffect(() => {
    now.current = keys
  })
  useLayoutEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return
      const target = e.target as HTMLElement
      if (target.closest('input, textarea, select, dialog[open], [contenteditable]')) return
      const on = target.closest<HTMLElement>('[data-lead]')?.dataset.lead ?? null
      if (ARROWS.includes(e.key) && on) now.current.step(on, e.key as Arrow)
      else if (e.key === 'm') now.current.ask(on)
      else if (e.key === 'Escape' && now.current.close) now.current.close()
      else return
      e.preventDefault()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [])
}
