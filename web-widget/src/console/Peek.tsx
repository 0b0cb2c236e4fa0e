/** The last lines of a conversation on the wall: beside its card for a pointer or the focus, as a sheet under a finger. */
import { useLayoutEffect, useRef, useState } from 'react'
import type { Desk } from '../protocol/desk'
import { lastSaid } from '../protocol/wall'
import { plain } from '../text/sentences'
import { Dialog } from './Dialog'

const REST_MS = 250

/** Which card is looked into. A pointer has to rest first: one that crosses the wall opens nothing. */
export function usePeek() {
  const [peeked, setPeeked] = useState<string | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const after = (ms: number, id: string | null) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setPeeked(id), ms)
  }
  useLayoutEffect(() => () => clearTimeout(timer.current), [])
  return {
    peeked,
    rest: (id: string) => after(REST_MS, id),
    now(id: string | null) {
      clearTimeout(timer.current)
      setPeeked(id)
    },
  }
}

/** Below its card, or above it where there is no room below. */
export function Peek({ desk, id }: { desk: Desk; id: string }) {
  const box = useRef<HTMLDivElement>(null)
  const [above, setAbove] = useState(false)
  useLayoutEffect(() => {
    const card = box.current?.parentElement?.getBoundingClientRect()
    const height = box.current?.offsetHeight ?? 0
    if (card) setAbove(card.bottom + height > window.innerHeight && card.top > height)
  }, [])
  return (
    <div ref={box} className={`peek ${above ? 'above' : ''}`}>
      <LastLines desk={desk} id={id} />
    </div>
  )
}

interface SheetProps {
  desk: Desk
  id: string
  onTake(): void
  onOpen(): void
  onClose(): void
}

export function PeekSheet({ desk, id, onTake, onOpen, onClose }: SheetProps) {
  return (
    <Dialog title={desk.rows[id]?.customer || 'Visitor'} sheet onClose={onClose}>
      <LastLines desk={desk} id={id} />
      <div className="actions">
        <button type="button" className="button" onClick={onOpen}>
          Open
        </button>
        <button type="button" className="button primary" onClick={onTake}>
          Take over
        </button>
      </div>
    </Dialog>
  )
}

function LastLines({ desk, id }: { desk: Desk; id: string }) {
  const said = lastSaid(desk, id)
  if (said.length === 0) return <p className="soft small">Nothing said yet</p>
  return (
    <ol className="peek-lines" aria-label="Last lines">
      {said.map((line, i) => (
        <li key={line.key}>
          {line.name && line.name !== said[i - 1]?.name && <span className={`peek-who ${line.kind}`}>{line.name}</span>}
          <span className={`peek-text ${line.live ? 'live' : ''} ${line.kind === 'system' ? 'soft' : ''}`}>
            <span>{plain(line.text)}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}
