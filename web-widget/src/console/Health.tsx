import { useEffect, useState } from 'react'
import { type ModelHealth, models } from './api'
import { moment } from './when'

const EVERY_MS = 30_000

/** Says which model does not answer, why and since when; says nothing while all is well. */
export function Health() {
  const [failing, setFailing] = useState<ModelHealth[]>([])
  useEffect(() => {
    const ask = () => {
      if (document.visibilityState === 'hidden') return
      // No answer here is no news of the models; the connection has its own line.
      models().then(
        all => setFailing(all.filter(m => m.ok === false)),
        () => undefined,
      )
    }
    ask()
    const timer = setInterval(ask, EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  if (failing.length === 0) return null
  return (
    <div className="health" role="status">
      {failing.map(m => (
        <p key={m.model}>
          <strong>{m.model}</strong> does not answer{m.why ? `: ${m.why}` : ''}
          {m.since ? `, since ${moment(m.since)}` : ''}. The next in line answers instead.
        </p>
      ))}
    </div>
  )
}
