import { useId, useMemo, useRef } from 'react'
import type { Fault } from './profile'

interface Props {
  text: string
  faults: readonly Fault[]
  onEdit(text: string): void
}

/** The whole profile as TOML, with its lines numbered and the wrong ones marked. */
export function AsText({ text, faults, onEdit }: Props) {
  const gutter = useRef<HTMLPreElement>(null)
  const id = useId()
  const wrong = useMemo(() => new Set(faults.map(f => f.line)), [faults])
  const lines = useMemo(() => text.split('\n').length, [text])
  return (
    <div className="as-text">
      <p id={id} className="soft small">
        TOML: money in cents, distance in miles, times as 18:00:00. Comments are not kept.
      </p>
      <div className="text-box">
        <pre ref={gutter} aria-hidden="true" className="gutter">
          {Array.from({ length: lines }, (_, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <span key={n} className={wrong.has(n + 1) ? 'wrong' : undefined}>
              {n + 1}
            </span>
          ))}
        </pre>
        <textarea
          data-toml
          aria-label="The profile as text"
          aria-describedby={id}
          aria-invalid={faults.length > 0}
          value={text}
          spellCheck={false}
          autoCapitalize="off"
          wrap="off"
          onChange={e => onEdit(e.target.value)}
          onScroll={e => {
            if (gutter.current) gutter.current.scrollTop = e.currentTarget.scrollTop
          }}
        />
      </div>
    </div>
  )
}
