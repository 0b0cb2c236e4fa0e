/** The live wall: what the AI says now, in every conversation at once; one key takes the one that has the focus. */
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { TakeOver } from '../design/icons'
import type { Desk } from '../protocol/desk'
import { type Card, card, WALL, wall } from '../protocol/wall'
import { plain } from '../text/sentences'
import { useClient, useDesk, useNow } from './hooks'
import { Icon } from './Icon'
import { NoticeBar } from './NoticeBar'
import { Peek, PeekSheet, usePeek } from './Peek'
import { elapsed } from './when'
import { channelName } from './words'

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
  const { peeked, rest, now: look } = usePeek()
  const [sheet, setSheet] = useState<string | null>(null)
  // Somebody took it, or it is over: there is nothing to look into.
  const looked = peeked !== null && ids.includes(peeked) ? peeked : null
  useEffect(() => {
    const left = (e: globalThis.KeyboardEvent) => e.key === 'Escape' && look(null)
    window.addEventListener('keydown', left)
    return () => window.removeEventListener('keydown', left)
  })
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
          <LiveCard
            key={id}
            desk={desk}
            id={id}
            now={now}
            peeked={id === looked}
            onRest={rest}
            onLook={look}
            onTouch={setSheet}
            onOpen={onOpen}
            onTake={take}
            onKeys={keys}
          />
        ))}
      </ul>
      {sheet && (
        <PeekSheet
          desk={desk}
          id={sheet}
          onTake={() => void take(sheet)}
          onOpen={() => onOpen(sheet)}
          onClose={() => setSheet(null)}
        />
      )}
    </section>
  )
}

interface CardProps {
  desk: Desk
  id: string
  now: number
  peeked: boolean
  onRest(id: string): void
  onLook(id: string | null): void
  /** A finger looks first, and opens or takes by a button. */
  onTouch(id: string): void
  onOpen(id: string): void
  onTake(id: string): void
  onKeys(e: KeyboardEvent, id: string): void
}

function LiveCard({ desk, id, now, peeked, onRest, onLook, onTouch, onOpen, onTake, onKeys }: CardProps) {
  const finger = useRef(false)
  const it = card(desk, id)
  if (!it) return null
  const { row, since, streaming } = it
  const name = row.customer || 'Visitor'
  return (
    <li
      className={`live-card ${row.risk} ${streaming ? 'streaming' : ''} ${peeked ? 'peeked' : ''}`}
      onKeyDown={e => {
        finger.current = false
        onKeys(e, id)
      }}
      onPointerDown={e => {
        finger.current = e.pointerType === 'touch'
      }}
      onPointerEnter={e => e.pointerType === 'mouse' && onRest(id)}
      onPointerLeave={e => e.pointerType === 'mouse' && onLook(null)}
      onFocus={e => e.target.matches(':focus-visible') && onLook(id)}
      onBlur={e => !e.currentTarget.contains(e.relatedTarget) && onLook(null)}
    >
      <p className="line">
        <button type="button" className="live-open" onClick={() => (finger.current ? onTouch(id) : onOpen(id))}>
          {name}
        </button>
        <span className="channel soft small">{channelName(row.channel)}</span>
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
        <button type="button" className="button" data-action={peeked ? 'take' : undefined} onClick={() => onTake(id)}>
          <Icon of={TakeOver} size={16} /> Take over <kbd>t</kbd>
          <span className="unseen">from the AI: {name}</span>
        </button>
      </div>
      {peeked && <Peek desk={desk} id={id} />}
    </li>
  )
}

/** Two lines, the newest: the whole text hangs from its end, so that its lines break where they broke before. */
function Said({ it }: { it: Card }) {
  if (it.streaming && it.said === '') return <p className="said-lines thinking">{it.stage ?? 'Thinking…'}</p>
  return (
    <div className="said-lines">
      <p>{plain(it.said) || 'Nothing said yet'}</p>
    </div>
  )
}
