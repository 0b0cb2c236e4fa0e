import { useEffect, useRef } from 'react'
import { Differences } from './History'
import type { Faster } from './profile'

interface Props {
  of: Faster
  /** A text is not put on another text by itself. */
  onTop: boolean
  onChoose(mineToo: boolean): void
  onClose(): void
}

/** Somebody saved first: what they changed, what oneself did, and what to do now. */
export function Both({ of, onTop, onChoose, onClose }: Props) {
  const who = of.current.by ?? 'The file'
  const box = useRef<HTMLElement>(null)
  useEffect(() => box.current?.focus(), [])
  return (
    <section ref={box} className="faults" aria-label="Somebody was faster" role="alert" tabIndex={-1}>
      <h2>
        {who} saved version {of.current.number} while you were editing
      </h2>
      <p className="soft">Nothing of yours was stored, and nothing is lost.</p>
      <div className="pair">
        <div>
          <h3>{who} changed</h3>
          <Differences changes={of.current.changes} />
        </div>
        <div>
          <h3>You changed</h3>
          <Differences changes={of.mine} />
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
