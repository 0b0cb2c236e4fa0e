/** What waits, asked each minute while somebody looks. */
import { useCallback, useEffect, useState } from 'react'
import { type Alerts, alerts, without } from './asking'

const EVERY_MS = 60_000

/** Null until it was heard once. `again` asks now; `drop` leaves out what was dismissed. */
export function useAlerts(): { waits: Alerts | null; again(): void; drop(key: string): void } {
  const [waits, setWaits] = useState<Alerts | null>(null)
  const again = useCallback(() => {
    if (document.visibilityState === 'hidden') return
    // No answer is no news; the connection has its own line.
    alerts().then(setWaits, () => undefined)
  }, [])
  useEffect(() => {
    again()
    const timer = setInterval(again, EVERY_MS)
    document.addEventListener('visibilitychange', again)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', again)
    }
  }, [again])
  const drop = useCallback((key: string) => setWaits(found => found && without(found, key)), [])
  return { waits, again, drop }
}
