/** Something that is proposed: what will change, and a yes or a no. Nothing is done before the yes. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { Alert, Done } from '../../design/icons'
import { Icon } from '../Icon'
import { explain, useApi } from '../settings/session'
import type { Deed } from './asking'

interface Props {
  deed: Deed
  /** Enter says yes to it. */
  first: boolean
  onSettled(deed: Deed): void
}

export function DeedCard({ deed, first, onSettled }: Props) {
  const api = useApi()
  const yes = useRef<HTMLButtonElement>(null)
  const title = useId()
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const waits = deed.state === 'proposed'
  useEffect(() => {
    if (first && waits) yes.current?.focus()
  }, [first, waits])
  const say = async (word: 'confirm' | 'decline') => {
    if (busy) return
    setBusy(true)
    setFault(null)
    try {
      onSettled(await api.post<Deed>(`assistant/proposals/${deed.id}/${word}`, {}))
    } catch (error) {
      setFault(explain(error))
    } finally {
      setBusy(false)
    }
  }
  // A key that is still held from the question is no yes.
  const held = (e: KeyboardEvent) => e.repeat && e.preventDefault()
  return (
    <section className={`deed ${deed.state}`} aria-labelledby={title}>
      <h3 id={title}>{deed.title}</h3>
      <p className="soft small">{deed.changes}</p>
      {deed.text && <blockquote className="deed-text plain">{deed.text}</blockquote>}
      {waits ? (
        <div className="actions start">
          <button
            ref={yes}
            type="button"
            className="button primary"
            aria-describedby={title}
            disabled={busy}
            onKeyDown={held}
            onClick={() => void say('confirm')}
          >
            Yes, do it
          </button>
          <button
            type="button"
            className="button"
            aria-describedby={title}
            disabled={busy}
            onKeyDown={held}
            onClick={() => void say('decline')}
          >
            No
          </button>
        </div>
      ) : (
        <p className="deed-result" role="status">
          <Icon of={deed.state === 'done' ? Done : Alert} size={16} /> {deed.result}
        </p>
      )}
      {fault && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
    </section>
  )
}
