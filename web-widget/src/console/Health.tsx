import { useEffect, useState } from 'react'
import { type ModelHealth, models, type OffWebhook, offWebhooks } from './api'
import { useDesk } from './hooks'
import { moment } from './when'

const EVERY_MS = 30_000

/** Says which model does not answer, why and since when, and to whom it matters which webhook was given up; else nothing. */
export function Health() {
  const chief = useDesk(d => d.me.role) !== 'agent'
  const [failing, setFailing] = useState<ModelHealth[]>([])
  const [off, setOff] = useState<OffWebhook[]>([])
  useEffect(() => {
    const ask = () => {
      if (document.visibilityState === 'hidden') return
      // No answer here is no news of the models; the connection has its own line.
      models().then(
        all => setFailing(all.filter(m => m.ok === false)),
        () => undefined,
      )
      if (chief) offWebhooks().then(setOff, () => undefined)
    }
    ask()
    const timer = setInterval(ask, EVERY_MS)
    return () => clearInterval(timer)
  }, [chief])
  if (failing.length + off.length === 0) return null
  return (
    <div className="health" role="status">
      {failing.map(m => (
        <p key={m.model}>
          <strong>{m.model}</strong> does not answer{m.why ? `: ${m.why}` : ''}
          {m.since ? `, since ${moment(m.since)}` : ''}. The next in line answers instead.
        </p>
      ))}
      {off.map(hook => (
        <p key={hook.id}>
          <strong>{hook.description || hook.url}</strong> was switched off: its server{' '}
          {hook.off_reason === 'gone' ? 'says that it is gone' : 'failed for days'}.{' '}
          <a href={`#/settings/webhooks/${hook.id}`}>Look at the webhook</a>
        </p>
      ))}
    </div>
  )
}
