/** How the widget's parts reach the state and each other. */
import { createContext } from 'preact'
import { useContext, useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { ChatState } from '../protocol/chat'
import type { ChatClient } from '../protocol/chat-client'
import type { SourceRef } from '../protocol/events'
import { browserClock } from '../protocol/socket'
import type { Language, Strings } from './strings'

/** What stays while one talks. */
export interface Fixed {
  client: ChatClient
  t: Strings
  language: Language
  /** Opens what a reply was made from; nothing where the talk is only shown. */
  cite?: Cite | undefined
  /** Takes the talk on by text. */
  texting?: Texting | undefined
}

export type Texting = (from: HTMLElement, language: Language) => void
export type Cite = (source: SourceRef, from: HTMLElement, language: Language) => void

export const FixedContext = createContext<Fixed | null>(null)
export const StateContext = createContext<ChatState | null>(null)

/** For what is drawn once, however long the talk goes on. */
export function useFixed(): Fixed {
  return given(useContext(FixedContext))
}

export function useShared(): Fixed & { state: ChatState } {
  return { ...useFixed(), state: given(useContext(StateContext)) }
}

function given<T>(value: T | null): T {
  if (!value) throw new Error('a part of the widget stands outside its panel')
  return value
}

export function useChat(client: ChatClient): ChatState {
  const [state, setState] = useState(client.store.get())
  useEffect(() => {
    setState(client.store.get())
    return client.store.subscribe(() => setState(client.store.get()))
  }, [client])
  return state
}

/** True once `since` lies at least `ms` back; a short break is not worth a banner. */
export function useLasting(since: number | null, ms: number): boolean {
  const [late, setLate] = useState(false)
  // Before a timer of before can fire.
  useLayoutEffect(() => {
    setLate(false)
    if (since === null) return
    const timer = setTimeout(() => setLate(true), Math.max(0, since + ms - browserClock.now()))
    return () => clearTimeout(timer)
  }, [since, ms])
  return since !== null && late
}
