/** The keys of a pair: they come before those of the console while one is open, and rest while somebody writes or chooses. */
import { useLayoutEffect, useRef } from 'react'

export interface PairKeys {
  step(by: 1 | -1): void
  judge(key: '0' | '1' | '2'): void
  undo(): void
}

export function usePairKeys(keys: PairKeys): void {
  const now = useRef(keys)
  useLayoutEffect(() => {
    now.current = keys
  })
  useLayoutEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return
      if ((e.target as HTMLElement).closest('input, textarea, select, dialog[open], [contenteditable]')) return
      const run = meaning(e.key, now.current)
      if (!run) return
      e.preventDefault()
      e.stopPropagation()
      // A key that is held down judges one pair, not all of them.
      if (!e.repeat) run()
    }
    window.addEventListener('keydown', pressed, { capture: true })
    return () => window.removeEventListener('keydown', pressed, { capture: true })
  }, [])
}

function meaning(key: string, { step, judge, undo }: PairKeys): (() => void) | undefined {
  const all: Readonly<Record<string, () => void>> = {
    j: () => step(1),
    k: () => step(-1),
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    '0': () => judge('0'),
    '1': () => judge('1'),
    '2': () => judge('2'),
    u: undo,
  }
  return all[key]
}
