/** Reading and writing of a settings page: what is there while one waits, when it failed, when it is done. */
import { useCallback, useEffect, useReducer, useRef, useState } from 'react'
import { explain } from './session'

/** `value` stays while it is asked for again, and where that fails. */
export interface Loaded<T> {
  value: T | null
  waiting: boolean
  why: string | null
}
export type LoadedAction<T> =
  | { type: 'ask' }
  | { type: 'here'; value: T }
  | { type: 'changed'; change: (value: T) => T }
  | { type: 'failed'; why: string }

export const NOT_YET: Loaded<never> = { value: null, waiting: true, why: null }

export function loaded<T>(state: Loaded<T>, action: LoadedAction<T>): Loaded<T> {
  switch (action.type) {
    case 'ask':
      return { ...state, waiting: true, why: null }
    case 'here':
      return { value: action.value, waiting: false, why: null }
    case 'changed':
      return state.value === null ? state : { ...state, value: action.change(state.value) }
    case 'failed':
      return { ...state, waiting: false, why: action.why }
  }
}

export interface Resource<T> extends Loaded<T> {
  again(): void
  /** What the server answered to a change is put in without asking again. */
  change(change: (value: T) => T): void
}

/** Asks when the page opens, and again when `load` is another function; an answer to an older question is not shown. */
export function useLoaded<T>(load: () => Promise<T>): Resource<T> {
  const [state, dispatch] = useReducer(loaded<T>, NOT_YET as Loaded<T>)
  const asked = useRef(0)
  const again = useCallback(() => {
    asked.current += 1
    const mine = asked.current
    dispatch({ type: 'ask' })
    load().then(
      value => mine === asked.current && dispatch({ type: 'here', value }),
      (error: unknown) => mine === asked.current && dispatch({ type: 'failed', why: explain(error) }),
    )
  }, [load])
  useEffect(() => {
    again()
    return () => {
      asked.current += 1
    }
  }, [again])
  const change = useCallback((c: (value: T) => T) => dispatch({ type: 'changed', change: c }), [])
  return { ...state, again, change }
}

/** Looks again now and then while somebody sees the page, and as soon as they come back to it. `everyMs` null: there is nothing to wait for. */
export function useLooking(again: () => void, everyMs: number | null): void {
  useEffect(() => {
    if (everyMs === null) return
    const look = () => {
      if (document.visibilityState === 'visible') again()
    }
    const timer = setInterval(look, everyMs)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [again, everyMs])
}

export type Saving = { state: 'idle' | 'saving' | 'saved' } | { state: 'failed'; why: string }

export interface Saver {
  at: Saving
  /** Gives what `send` gave, or null where it failed: then `at` says why. One at a time. */
  run<T>(send: () => Promise<T>): Promise<T | null>
  /** Something was edited: what was said of the last save is old. */
  touched(): void
}

export function useSaving(): Saver {
  const [at, setAt] = useState<Saving>({ state: 'idle' })
  const busy = useRef(false)
  const run = useCallback(async <T>(send: () => Promise<T>): Promise<T | null> => {
    if (busy.current) return null
    busy.current = true
    setAt({ state: 'saving' })
    try {
      const answer = await send()
      setAt({ state: 'saved' })
      return answer
    } catch (error) {
      setAt({ state: 'failed', why: explain(error) })
      return null
    } finally {
      busy.current = false
    }
  }, [])
  const touched = useCallback(() => setAt(now => (now.state === 'saving' ? now : { state: 'idle' })), [])
  return { at, run, touched }
}

/** More of a list that goes on: `ask` gives the page behind a cursor, which is put at the end. */
export function useOlder<T extends { items: readonly unknown[] }>(
  of: Resource<T>,
  ask: (cursor: string) => Promise<T>,
): { at: Saving; more(cursor: string): Promise<void> } {
  const { at, run } = useSaving()
  const more = async (cursor: string) => {
    const page = await run(() => ask(cursor))
    if (page) of.change(all => ({ ...page, items: [...all.items, ...page.items] }))
  }
  return { at, more }
}
