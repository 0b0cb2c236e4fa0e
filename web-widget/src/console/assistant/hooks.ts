/** What waits, asked each minute while somebody looks. */
import { useCallback, useEffect, useState } from 'react'
import { type Alerts, alerts } from './asking'

const EVERY_MS = 60_000

/** Null until it was heard once. `again` asks now. */
export function useAlerts(): { waits: Alerts | null; again(): void } {
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
  return { waits, again }
}
