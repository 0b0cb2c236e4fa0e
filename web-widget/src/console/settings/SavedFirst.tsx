/** Somebody saved first: what they changed, what oneself did, and what to do now. */
import { type ReactNode, useEffect, useRef } from 'react'

interface Props {
  who: string
  number: number
  theirs: ReactNode
  mine: ReactNode
  /** Whether one's own changes may be put on top of theirs. */
  onTop: boolean
  onChoose(mineToo: boolean): void
  onClose(): void
}

export function SavedFirst({ who, number, theirs, mine, onTop, onChoose, onClose }: Props) {
  const box = useRef<HTMLElement>(null)
  useEffect(() => box.current?.focus(), [])
  return (
    <section ref={box} className="faults" aria-label="Somebody was faster" role="alert" tabIndex={-1}>
      <h2>
        {who} saved version {number} while you were editing
      </h2>
      <p className="soft">Nothing of yours was stored, and nothing is lost.</p>
      <div className="pair">
        <div>
          <h3>{who} changed</h3>
          {theirs}
        </div>
        <div>
          <h3>You changed</h3>
          {mine}
        </div>
      </div>
      <div className="actions start">
        {onTop && (
          <button type="button" className="button primary" onClick={() => onChoose(true)}>
            Put mine on top of theirs
          </button>
        )}
        <button type="button" className="button" onClick={() => onChoose(false)}>
          Take theirs, drop mine
        </button>
        <button type="button" className="button quiet" onClick={onClose}>
          Not now
        </button>
      </div>
    </section>
  )
}
