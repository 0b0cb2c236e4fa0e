/** The live wall: what the AI says now, in every conversation at once; one key takes the one that has the focus. */
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react'
import { TakeOver } from '../design/icons'
import type { Desk } from '../protocol/desk'
import { type Card, card, WALL, wall } from '../protocol/wall'
import { plain } from '../text/sentences'
import { useClient, useDesk, useNow } from './hooks'
import { Icon } from './Icon'
import { NoticeBar } from './NoticeBar'
import { elapsed } from './when'

export function Live({ onOpen }: { onOpen(conversation: string): void }) {
  const client = useClient()
  const desk = useDesk(d => d)
  const now = useNow(1000)
  const places = useRef<readonly string[]>([])
  const ids = useMemo(() => wall(desk, now, places.current), [desk, now])
  places.current = ids
  const shown = ids.join()
  useEffect(() => {
    void client.glance(shown ? shown.split(',') : [])
  }, [client, shown])
  useEffect(() => () => void client.glance([]), [client])

  const take = async (id: string) => {
    if (await client.take(id)) onOpen(id)
  }
  const box = useRef<HTMLUListElement>(null)
  const keys = (e: KeyboardEvent, id: string) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return
    const step = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 }[e.key]
    if (!step && e.key !== 't') return
    e.preventDefault()
    e.stopPropagation()
    if (e.key === 't') void take(id)
    const faces = [...(box.current?.querySelectorAll<HTMLElement>('.live-open') ?? [])]
    if (step) faces[ids.indexOf(id) + step]?.focus()
  }
  return (
    <section className="page" aria-label="Live">
      <header className="page-head">
        <h1>Live</h1>
        <p className="soft">
          {ids.length === 0 ? 'The AI answers nobody just now.' : `The AI answers ${ids.length} now`}
          {ids.length === WALL && ', the longest waiting first'}
        </p>
      </header>
      {desk.notice && (
        <NoticeBar id={desk.notice.conversation} onForce={() => onOpen(desk.notice?.conversation ?? '')} />
      )}
      {ids.length === 0 && (
        <p className="soft">
          A card appears here for every conversation that the AI answers, with its words as they are written. Write
          something on the demo page to see one.
        </p>
      )}
      <ul className="wall" ref={box}>
        {ids.map(id => (
          <LiveCard key={id} desk={desk} id={id} now={now} onOpen={onOpen} onTake={take} onKeys={keys} />
        ))}
      </ul>
    </section>
  )
}

interface CardProps {
  desk: Desk
  id: string
  now: number
  onOpen(id: string): void
  onTake(id: string): void
  onKeys(e: KeyboardEvent, id: string): void
}

function LiveCard({ desk, id, now, onOpen, onTake, onKeys }: CardProps) {
  const it = card(desk, id)
  if (!it) return null
  const { row, since, streaming } = it
  const name = row.customer || 'Visitor'
  return (
    <li className={`live-card ${row.risk} ${streaming ? 'streaming' : ''}`} onKeyDown={e => onKeys(e, id)}>
      <p className="line">
        <button type="button" className="live-open" onClick={() => onOpen(id)}>
          {name}
        </button>
        <span className="channel soft small">{row.channel}</span>
        {(row.risk === 'high' || row.risk === 'severe') && (
          <span className={`chip risk ${row.risk}`}>{row.risk} risk</span>
        )}
        {since !== null && (
          <time className="small soft" dateTime={new Date(since).toISOString()}>
            {elapsed(since, now)}
          </time>
        )}
      </p>
      <p className="asked">{it.asked ? `“${plain(it.asked)}”` : 'No question yet'}</p>
      <Said it={it} />
      <div className="actions">
        <button type="button" className="button" onClick={() => onTake(id)}>
          <Icon of={TakeOver} size={16} /> Take over <kbd>t</kbd>
          <span className="unseen">from the AI: {name}</span>
        </button>
      </div>
    </li>
  )
}

/** Two lines, the newest: the whole text hangs from its end, so that its lines break where they broke before. */
function Said({ it }: { it: Card }) {
  if (it.streaming && it.said === '') return <p className="said-lines thinking">{it.stage ?? 'Thinking…'}</p>
  return (
    <div className="said-lines" title={it.said ? plain(it.said) : undefined}>
      <p>{plain(it.said) || 'Nothing said yet'}</p>
    </div>
  )
}
