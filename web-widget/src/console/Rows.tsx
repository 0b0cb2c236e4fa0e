/** The rows of one group of the inbox. Of thousands only those near the eye are in the page; the rest is room. */
import { memo, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Desk } from '../protocol/desk'
import { lastHuman } from '../protocol/lines'
import { currentReply } from '../protocol/thread'
import type { Row } from '../protocol/wire'
import { plain } from '../text/sentences'
import { useDesk } from './hooks'
import { ago } from './when'
import { channelName } from './words'

const TAIL = 44
/** As list.css has it: every row is as high as every other. */
const ROW_PX = 62
/** Rows beyond the edges, so that the keyboard and a quick finger find them there. */
const BEYOND = 20
const STEP = 10

interface Props {
  rows: readonly Row[]
  /** What scrolls. */
  box: RefObject<HTMLElement | null>
  selected: string | null
  now: number
  onOpen(id: string): void
}

export function Rows({ rows, box, selected, now, onOpen }: Props) {
  const list = useRef<HTMLUListElement>(null)
  const [from, to] = useSlice(list, box, rows.length)
  const room = { paddingTop: from * ROW_PX, paddingBottom: (rows.length - to) * ROW_PX }
  return (
    <ul ref={list} style={room}>
      {rows.slice(from, to).map((row, i) => (
        <ListRow
          key={row.id}
          row={row}
          place={from + i}
          of={rows.length}
          selected={row.id === selected}
          now={row.waiting_since ? now : 0}
          onOpen={onOpen}
        />
      ))}
    </ul>
  )
}

/** Which of `count` rows are near what the box shows: from, and up to. */
function useSlice(list: RefObject<HTMLElement | null>, box: RefObject<HTMLElement | null>, count: number) {
  const [[from, to], setSlice] = useState<readonly [number, number]>([0, 2 * BEYOND])
  const look = useCallback(() => {
    if (!list.current || !box.current) return
    const above = box.current.getBoundingClientRect().top - list.current.getBoundingClientRect().top
    const first = Math.floor((above / ROW_PX - BEYOND) / STEP) * STEP
    const last = Math.ceil(((above + box.current.clientHeight) / ROW_PX + BEYOND) / STEP) * STEP
    const next = [Math.max(0, first), Math.max(0, last)] as const
    setSlice(before => (before[0] === next[0] && before[1] === next[1] ? before : next))
  }, [list, box])
  // Groups above may have grown.
  useLayoutEffect(look)
  useEffect(() => {
    const el = box.current
    if (!el) return
    const sized = new ResizeObserver(look)
    sized.observe(el)
    el.addEventListener('scroll', look, { passive: true })
    return () => {
      sized.disconnect()
      el.removeEventListener('scroll', look)
    }
  }, [box, look])
  return [Math.min(from, count), Math.min(Math.max(from, to), count)] as const
}

interface RowProps {
  row: Row
  place: number
  of: number
  selected: boolean
  now: number
  onOpen(id: string): void
}

const ListRow = memo(function ListRow({ row, place, of, selected, now, onOpen }: RowProps) {
  const viewers = useDesk(d => row.viewers.filter(id => id !== d.me.id).length)
  return (
    <li aria-setsize={of} aria-posinset={place + 1}>
      <button
        type="button"
        className={`row ${row.unread ? 'unread' : ''} ${row.state}`}
        data-conversation={row.id}
        aria-current={selected ? 'true' : undefined}
        onClick={() => onOpen(row.id)}
      >
        <span className={`edge ${row.risk}`} />
        <span className="line">
          <span className="customer">{row.customer || 'Visitor'}</span>
          <span className="channel">{channelName(row.channel)}</span>
          {row.waiting_since && (
            <time className={row.owner === 'queue' ? 'wait hot' : 'wait'} dateTime={row.waiting_since}>
              {ago(row.waiting_since, now)}
            </time>
          )}
          <OwnerChip row={row} />
        </span>
        <span className="line">
          <Preview row={row} />
          {viewers > 0 && <span className="badge">{viewers} here</span>}
          {row.unread > 0 && (
            <span className="badge unread-count">
              {row.unread}
              <span className="unseen"> unread</span>
            </span>
          )}
        </span>
      </button>
    </li>
  )
})

/** The last words by whoever wrote them; the AI's while they come, where this conversation is open. */
function Preview({ row }: { row: Row }) {
  const live = useDesk(d => {
    const thread = d.threads[row.id]
    return thread ? (currentReply(thread)?.text ?? '') : ''
  })
  if (live) return <span className="preview live">AI: {tail(live)}</span>
  const who = { customer: '', ai: 'AI: ', human: 'Team: ', system: '' }[row.preview_author]
  return (
    <span className="preview">
      {who}
      {row.preview_author === 'ai' ? plain(row.preview) : row.preview}
    </span>
  )
}

/** The newest words of a growing text. */
function tail(text: string): string {
  const words = plain(text)
  return words.length <= TAIL ? words : `…${words.slice(-TAIL).replace(/^\S*\s/, '')}`
}

function ownerName(desk: Desk, row: Row): string {
  if (row.assignee === desk.me.id) return 'You'
  const thread = desk.threads[row.id]
  return row.assignee_name || (row.assignee && desk.names[row.assignee]) || (thread && lastHuman(thread)) || 'Team'
}

function OwnerChip({ row }: { row: Row }) {
  const name = useDesk(d => ownerName(d, row))
  if (row.state === 'closed') return <span className="chip">Resolved</span>
  if (row.owner === 'queue')
    return (
      <span className="chip queue">
        {!row.assignee ? 'Waiting' : name === 'You' ? 'Assigned to you' : `For ${name}`}
      </span>
    )
  return row.owner === 'ai' ? <span className="chip ai">AI</span> : <span className="chip person">{name}</span>
}
