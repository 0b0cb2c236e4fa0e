import { createContext } from 'react'
import type { Canned } from '../protocol/canned'

/** The team's saved replies, asked for once; empty where the gateway has none. */
export const CannedContext = createContext<readonly Canned[]>([])

interface Props {
  id: string
  shown: readonly Canned[]
  at: number
  onChoose(reply: Canned): void
}

/** What the slash offers, above the field; the field keeps the focus. */
export function CannedList({ id, shown, at, onChoose }: Props) {
  return (
    <div id={id} role="listbox" aria-label="Saved replies" className="options canned">
      {shown.map((reply, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field keeps the focus and the keys
        <div
          key={reply.id}
          id={`${id}-${i}`}
          role="option"
          className="option"
          aria-selected={i === at}
          onMouseDown={e => e.preventDefault()}
          onClick={() => onChoose(reply)}
        >
          <span className="option-label">
            <strong>/{reply.shortcut}</strong> {reply.title}
            <span className="soft small option-text">{reply.text}</span>
          </span>
          {reply.locale && <span className="small hint">{reply.locale}</span>}
        </div>
      ))}
    </div>
  )
}
