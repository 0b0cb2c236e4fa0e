/** A short list above a field that keeps the focus: arrows choose, Enter or Tab takes, Escape leaves. */
import { type KeyboardEvent, useEffect, useId, useState } from 'react'

/** What fits above the keyboard of a phone. */
export const OFFERED = 5

export interface Choice<T> {
  shown: readonly T[]
  at: number
  list: string
  /** True where the key was the list's. */
  keys(e: KeyboardEvent): boolean
}

/** `letters` null: nothing is asked for. `find` gives what they mean. */
export function useChoice<T>(
  letters: string | null,
  find: (letters: string) => readonly T[],
  choose: (item: T) => void,
): Choice<T> {
  const list = useId()
  const [at, setAt] = useState(0)
  const [left, setLeft] = useState(false)
  useEffect(() => {
    setAt(0)
    if (letters === null) setLeft(false)
  }, [letters])
  const shown = letters === null || left ? [] : find(letters).slice(0, OFFERED)
  const keys = (e: KeyboardEvent): boolean => {
    const chosen = shown[at]
    if (!chosen || e.nativeEvent.isComposing) return false
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key]
    if (step) setAt((at + step + shown.length) % shown.length)
    else if (e.key === 'Enter' || e.key === 'Tab') choose(chosen)
    else if (e.key === 'Escape') setLeft(true)
    else return false
    e.preventDefault()
    return true
  }
  return { shown, at, list, keys }
}
