/** The console's keys: one letter, never while somebody writes. What cannot be done just now has no button, and no key. */
import { useLayoutEffect } from 'react'

export type Action = 'take' | 'reply' | 'note' | 'resolve' | 'assign' | 'hand-back' | 'draft' | 'claim' | 'suggested'
export const ACTIONS: readonly { action: Action; key: string; label: string }[] = [
  { action: 'take', key: 't', label: 'Take over' },
  { action: 'reply', key: 'r', label: 'Reply' },
  { action: 'note', key: 'n', label: 'Note for staff' },
  { action: 'assign', key: 'a', label: 'Assign to me' },
  { action: 'resolve', key: 'e', label: 'Resolve' },
  { action: 'hand-back', key: 'h', label: 'Hand back to the AI' },
  { action: 'draft', key: 'd', label: 'AI draft of a reply' },
  { action: 'claim', key: 'c', label: 'Claim the handoff' },
  { action: 'suggested', key: 's', label: 'Use the suggested reply' },
]

function button(action: Action): HTMLButtonElement | null {
  return document.querySelector<HTMLButtonElement>(`[data-action="${action}"]:not([disabled])`)
}

export function can(action: Action): boolean {
  return button(action) !== null
}

export function act(action: Action): void {
  button(action)?.click()
}

interface Moves {
  step(by: 1 | -1): void
  palette(): void
  help(): void
  search(): void
  settings(): void
  ask(): void
}

/** From the moment at which the page is seen: an effect that waits for the paint would miss a quick hand. */
export function useKeys({ step, palette, help, search, settings, ask }: Moves): void {
  useLayoutEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      const target = e.target as HTMLElement
      // A dialog that was closed a moment ago may still have the focus; its keys are everybody's again.
      const left = target.closest('dialog:not([open])') !== null
      if (e.key.toLowerCase() === 'k' && (e.ctrlKey || e.metaKey) && !e.altKey && (left || !target.closest('dialog'))) {
        e.preventDefault()
        palette()
        return
      }
      if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.repeat) return
      if (!left && target.closest('input, textarea, select, dialog, [contenteditable]')) return
      const action = ACTIONS.find(a => a.key === e.key)?.action
      const run = {
        j: () => step(1),
        k: () => step(-1),
        '?': help,
        '/': search,
        ',': settings,
        q: ask,
      }[e.key]
      if (!run && !(action && can(action))) return
      e.preventDefault()
      if (run) run()
      else if (action) act(action)
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [step, palette, help, search, settings, ask])
}
