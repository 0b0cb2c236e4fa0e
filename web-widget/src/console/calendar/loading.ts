/** The calendar's days: asked for when they are opened, when something of their parties is heard, and now and then while one looks. */
import { useCallback, useEffect, useRef } from 'react'
import { useDesk } from '../hooks'
import { type Resource, useLoaded, useLooking } from '../settings/loading'
import { useApi } from '../settings/session'
import type { CalendarDays } from './parties'

/** For what no conversation tells of: a chef's hours, a setting. */
const LOOK_EVERY_MS = 15_000
/** Several things that happen at once are one look. */
const SOON_MS = 250

export function useDays(first: string, last: string): Resource<CalendarDays> {
  const { get } = useApi()
  const load = useCallback(() => get<CalendarDays>(`calendar?first=${first}&last=${last}`), [get, first, last])
  const days = useLoaded(load)
  useHeard(days.value, days.again)
  return days
}

/** Each verb of a booking is told in its conversation, and so in the inbox's row of it: a row that changed is a party that may have. */
function useHeard(days: CalendarDays | null, again: () => void): void {
  const told = useDesk(d => (days ? days.parties.map(party => d.rows[party.conversation]?.rev ?? 0).join() : ''))
  const newest = useDesk(d => Object.keys(d.rows).length)
  const seen = useRef<string | null>(null)
  const stamp = `${told}/${newest}`
  useEffect(() => {
    const first = seen.current === null
    seen.current = stamp
    if (first) return
    const timer = setTimeout(again, SOON_MS)
    return () => clearTimeout(timer)
  }, [stamp, again])
  useLooking(again, LOOK_EVERY_MS)
}
