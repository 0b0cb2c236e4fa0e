/** How the console's parts reach the state, the address bar and the time. */
import { createContext, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { ConsoleClient } from '../protocol/console-client'
import type { Desk } from '../protocol/desk'
import { type Groups, grouping } from '../protocol/groups'
import { browserClock } from '../protocol/socket'
import { hashOf, type Route, readRoute, type View } from './route'

export const ClientContext = createContext<ConsoleClient | null>(null)

export function useClient(): ConsoleClient {
  const client = useContext(ClientContext)
  if (!client) throw new Error('a part of the console stands outside its desk')
  return client
}

export function useDesk<T>(select: (desk: Desk) => T): T {
  const { store } = useClient()
  return useSyncExternalStore(store.subscribe, () => select(store.get()))
}

export function useRoute(): [Route, (route: Partial<Route> & { view: View }) => void] {
  const [route, setRoute] = useState(() => readRoute(location.hash))
  useEffect(() => {
    const changed = () => setRoute(readRoute(location.hash))
    window.addEventListener('hashchange', changed)
    return () => window.removeEventListener('hashchange', changed)
  }, [])
  return [route, visit]
}

function visit(next: Partial<Route> & { view: View }): void {
  location.hash = hashOf({ conversation: null, page: null, item: null, ...next })
}

/** The server's time, told again every `ms`, for "4m" and the like. */
export function useNow(ms = 10_000): number {
  const skew = useDesk(d => d.skew)
  const [now, setNow] = useState(browserClock.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(browserClock.now()), ms)
    return () => clearInterval(timer)
  }, [ms])
  return now + skew
}

/** The inbox's groups; the same value as before where nothing of them changed. */
export function useGroups(now: number): Groups {
  const grouped = useMemo(grouping, [])
  return useDesk(d => grouped(d, now))
}

/** True once `since` lies at least `ms` back. */
export function useLasting(since: number | null, ms: number): boolean {
  const [late, setLate] = useState(false)
  useEffect(() => {
    setLate(false)
    if (since === null) return
    const timer = setTimeout(() => setLate(true), Math.max(0, since + ms - browserClock.now()))
    return () => clearTimeout(timer)
  }, [since, ms])
  return since !== null && late
}

/** A pointer that rests aims at nothing any more. */
const RESTS_MS = 4000

/** Whether a pointer is at work over it; to be told of each of its moves, and that it left. */
export function useHover(): [boolean, (on: boolean) => void] {
  const [hovered, setHovered] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const hover = (on: boolean) => {
    clearTimeout(timer.current)
    if (on) timer.current = setTimeout(() => setHovered(false), RESTS_MS)
    setHovered(on)
  }
  return [hovered, hover]
}
