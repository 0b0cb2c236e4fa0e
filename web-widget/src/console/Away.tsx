/** The console without its gateway: what is so, and that nothing needs doing. */
import { useEffect } from 'react'

const LOOK_EVERY_MS = 3000

export function Away({ onLook }: { onLook(): Promise<void> }) {
  useEffect(() => {
    const look = () => void onLook()
    const timer = setInterval(look, LOOK_EVERY_MS)
    window.addEventListener('online', look)
    return () => {
      clearInterval(timer)
      window.removeEventListener('online', look)
    }
  }, [onLook])
  return (
    <main className="door">
      <section className="card" role="status">
        <h1>No connection</h1>
        <p className="soft">
          The gateway cannot be reached from here. Nothing of your customers is kept on this device; the console opens
          by itself as soon as the connection is back.
        </p>
        <button type="button" className="button wide" onClick={() => void onLook()}>
          Try now
        </button>
      </section>
    </main>
  )
}
