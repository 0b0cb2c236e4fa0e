/** The inbox: what needs a person first, then mine, then what the AI answers, then what is quiet. */
import { useEffect, useRef, useState } from 'react'
import type { Desk } from '../protocol/desk'
import type { GroupName, Groups } from '../protocol/groups'
import { lastHuman } from '../protocol/lines'
import { currentReply } from '../protocol/thread'
import type { Row } from '../protocol/wire'
import { plain } from '../text/sentences'
import { Health } from './Health'
import { useDesk, useLasting } from './hooks'
import { ago } from './when'

const TAIL = 44
const GROUPS: readonly { name: GroupName; title: string; empty: string | null }[] = [
  { name: 'needs', title: 'Needs a person', empty: 'Nobody is waiting for a person.' },
  { name: 'mine', title: 'Mine', empty: null },
  { name: 'ai', title: 'AI is answering', empty: null },
  { name: 'quiet', title: 'Quiet', empty: null },
]

interface Props {
  groups: Groups
  selected: string | null
  now: number
  onOpen(id: string): void
}

export function List({ groups, selected, now, onOpen }: Props) {
  const loaded = useDesk(d => d.loaded)
  const since = useRef(Date.now())
  const slow = useLasting(loaded ? null : since.current, 300)
  const [hovered, setHovered] = useState(false)
  const steady = useSteady(groups, hovered)
  const total = GROUPS.reduce((sum, g) => sum + steady[g.name].length, 0)
  return (
    <section
      className="list"
      aria-label="Conversations"
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
    >
      <header className="list-head">
        <h1>Inbox</h1>
        <Health />
      </header>
      <div className="list-scroll">
        {!loaded && slow && <Skeleton />}
        {loaded && total === 0 && (
          <p className="nothing">
            Conversations appear here as customers write. Open the demo page in another tab and say hi.
          </p>
        )}
        {total > 0 &&
          GROUPS.map(g => (
            <Group key={g.name} title={g.title} empty={g.empty} name={g.name} count={steady[g.name].length}>
              {steady[g.name].map(row => (
                <ListRow key={row.id} row={row} selected={row.id === selected} now={now} onOpen={onOpen} />
              ))}
            </Group>
          ))}
      </div>
    </section>
  )
}

interface GroupProps {
  name: GroupName
  title: string
  empty: string | null
  count: number
  children: React.ReactNode
}

function Group({ name, title, empty, count, children }: GroupProps) {
  if (count === 0 && empty === null) return null
  return (
    <section className={`group ${name}`} aria-labelledby={`group-${name}`}>
      <h2 id={`group-${name}`}>
        {title} <span className="tally">{count || ''}</span>
      </h2>
      {count === 0 ? <p className="soft small none">{empty}</p> : <ul>{children}</ul>}
    </section>
  )
}

interface RowProps {
  row: Row
  selected: boolean
  now: number
  onOpen(id: string): void
}

function ListRow({ row, selected, now, onOpen }: RowProps) {
  const viewers = useDesk(d => row.viewers.filter(id => id !== d.me.id).length)
  return (
    <li>
      <button
        type="button"
        className={`row ${row.unread ? 'unread' : ''} ${row.state}`}
        aria-current={selected ? 'true' : undefined}
        onClick={() => onOpen(row.id)}
      >
        <span className={`edge ${row.risk}`} />
        <span className="line">
          <span className="customer">{row.customer || 'Visitor'}</span>
          <span className="channel">{row.channel}</span>
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
}

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

export function OwnerChip({ row }: { row: Row }) {
  const name = useDesk(d => ownerName(d, row))
  if (row.state === 'closed') return <span className="chip">Resolved</span>
  if (row.owner === 'queue') return <span className="chip queue">Waiting</span>
  return row.owner === 'ai' ? <span className="chip ai">AI</span> : <span className="chip person">{name}</span>
}

function Skeleton() {
  return (
    <div aria-hidden="true">
      {[1, 2, 3, 4].map(n => (
        <div key={n} className="skeleton" />
      ))}
    </div>
  )
}

/** While a pointer is over the list, rows keep their places inside a group; newcomers join at its end. */
function useSteady(groups: Groups, hold: boolean): Groups {
  const ranks = useRef(new Map<string, number>())
  const ids = Object.values(groups).flatMap(list => list.map(row => row.id))
  const rank = (id: string) => ranks.current.get(id) ?? Number.POSITIVE_INFINITY
  const inOrder = (list: Row[]) =>
    hold ? [...list].sort((a, b) => (rank(a.id) < rank(b.id) ? -1 : rank(a.id) > rank(b.id) ? 1 : 0)) : list
  const signature = ids.join()
  useEffect(() => {
    const known = hold ? ranks.current : new Map<string, number>()
    for (const id of signature.split(',')) if (!known.has(id)) known.set(id, known.size)
    ranks.current = known
  }, [signature, hold])
  return {
    needs: inOrder(groups.needs),
    mine: inOrder(groups.mine),
    ai: inOrder(groups.ai),
    quiet: inOrder(groups.quiet),
  }
}
