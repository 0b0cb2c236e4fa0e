/** The inbox: what needs a person first, then mine, then what the AI answers, then what is quiet. */
import { useEffect, useMemo, useRef, useState } from 'react'
import { SearchIcon } from '../design/icons'
import type { Desk } from '../protocol/desk'
import type { GroupName, Groups } from '../protocol/groups'
import { lastHuman } from '../protocol/lines'
import { currentReply } from '../protocol/thread'
import { held, type Layout, layoutOf, narrowed, VIEWS, type ViewName } from '../protocol/views'
import type { Row } from '../protocol/wire'
import { plain } from '../text/sentences'
import { Health } from './Health'
import { useClient, useDesk, useLasting } from './hooks'
import { Icon } from './Icon'
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

const NAMES: Record<ViewName, string> = {
  all: 'All',
  needs_human: 'Needs a person',
  mine: 'Mine',
  unassigned: 'Unassigned',
  ai: 'AI',
  closed: 'Resolved',
}
/** Below it the list is being read; a row that comes would push away what is read. */
const READING_PX = 8

export function List({ groups, selected, now, onOpen }: Props) {
  const desk = useDesk(d => d)
  const { loaded } = desk
  const since = useRef(Date.now())
  const slow = useLasting(loaded ? null : since.current, 300)
  const [hovered, hover] = useHover()
  const [scrolled, setScrolled] = useState(false)
  const [view, setView] = useState<ViewName>('all')
  const [query, setQuery] = useState('')
  const { found, asking } = useSearch(query, view)
  const box = useRef<HTMLDivElement>(null)
  const wanted = useMemo(() => narrowed(desk, groups, view, found), [desk, groups, view, found])
  const whole = found === null && view === 'all'
  const { steady, fresh, show } = useSteady(wanted, whole && (hovered || scrolled))
  const total = GROUPS.reduce((sum, g) => sum + steady[g.name].length, 0)
  return (
    <section className="list" aria-label="Conversations">
      <header className="list-head">
        <h1>Inbox</h1>
        <Health />
        <label className="search">
          <Icon of={SearchIcon} size={16} />
          <span className="unseen">Search conversations</span>
          <input
            type="search"
            data-search
            placeholder="Search names and messages"
            value={query}
            onChange={e => setQuery(e.target.value)}
            onKeyDown={e => {
              if (e.key !== 'Escape') return
              setQuery('')
              e.currentTarget.blur()
            }}
          />
        </label>
        <fieldset className="views" aria-label="Views">
          {VIEWS.map(name => (
            <button
              key={name}
              type="button"
              className="view"
              aria-pressed={name === view}
              onClick={() => {
                setView(name)
                box.current?.scrollTo({ top: 0 })
              }}
            >
              {NAMES[name]}
            </button>
          ))}
        </fieldset>
      </header>
      <div className="list-frame">
        <div
          ref={box}
          className="list-scroll"
          onScroll={e => setScrolled(e.currentTarget.scrollTop > READING_PX)}
          onPointerMove={e => e.pointerType === 'mouse' && hover(true)}
          onPointerLeave={() => hover(false)}
        >
          {!loaded && slow && <Skeleton />}
          {loaded && total === 0 && <p className="nothing">{emptiness(view, query, asking)}</p>}
          {total > 0 &&
            GROUPS.map(g => (
              <Group
                key={g.name}
                title={g.title}
                empty={whole ? g.empty : null}
                name={g.name}
                count={steady[g.name].length}
              >
                {steady[g.name].map(row => (
                  <ListRow key={row.id} row={row} selected={row.id === selected} now={now} onOpen={onOpen} />
                ))}
              </Group>
            ))}
        </div>
        {fresh > 0 && (
          <button
            type="button"
            className="latest fresh"
            onClick={() => {
              show()
              box.current?.scrollTo({ top: 0 })
            }}
          >
            {fresh} new
          </button>
        )}
      </div>
    </section>
  )
}

function emptiness(view: ViewName, query: string, asking: boolean): string {
  if (query.trim()) return asking ? 'Searching…' : `Nothing found for “${query.trim()}”.`
  if (view === 'needs_human') return 'Nobody is waiting for a person.'
  if (view === 'mine') return 'Nothing is yours. Take over a conversation, or assign it to yourself with a.'
  if (view === 'closed') return 'Resolved conversations appear here.'
  if (view !== 'all') return 'No conversation here just now.'
  return 'Conversations appear here as customers write. Open the demo page in another tab and say hi.'
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
        data-conversation={row.id}
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
      {plain(row.preview)}
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

/** A pointer that rests aims at nothing any more. */
const RESTS_MS = 4000

function useHover(): [boolean, (on: boolean) => void] {
  const [hovered, setHovered] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const hover = (on: boolean) => {
    clearTimeout(timer.current)
    if (on) timer.current = setTimeout(() => setHovered(false), RESTS_MS)
    setHovered(on)
  }
  return [hovered, hover]
}

/** While the reader is in the list, rows keep their places, and a pill counts what came; else it follows at once. */
function useSteady(groups: Groups, hold: boolean): { steady: Groups; fresh: number; show(): void } {
  const layout = useRef<Layout>(new Map())
  const [, again] = useState(0)
  // A list that showed nothing has nothing to keep in place.
  if (!hold || layout.current.size === 0) layout.current = layoutOf(groups)
  const { groups: steady, fresh } = held(layout.current, groups)
  return {
    steady,
    fresh,
    show() {
      layout.current = new Map()
      again(n => n + 1)
    },
  }
}

const SEARCH_RESTS_MS = 200

/** The ids that the server finds, null while nothing is searched; rows at hand are shown without waiting. */
function useSearch(query: string, view: ViewName): { found: ReadonlySet<string> | null; asking: boolean } {
  const client = useClient()
  const wanted = query.trim()
  const [answer, setAnswer] = useState<{ query: string; view: ViewName; ids: string[] } | null>(null)
  const rows = useDesk(d => d.rows)
  useEffect(() => {
    if (!wanted && view !== 'closed') return
    let over = false
    const timer = setTimeout(async () => {
      // Resolved conversations are found too, beside the open ones.
      const views = view === 'all' && wanted ? (['all', 'closed'] as const) : [view]
      const all = await Promise.all(views.map(v => client.find(v, wanted)))
      if (!over) setAnswer({ query: wanted, view, ids: all.flatMap(ids => ids ?? []) })
    }, SEARCH_RESTS_MS)
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [client, wanted, view])
  const here = useMemo(() => {
    if (!wanted) return null
    const letters = wanted.toLowerCase()
    const own = Object.values(rows).filter(r => `${r.customer} ${r.preview}`.toLowerCase().includes(letters))
    return new Set([...own.map(r => r.id), ...(answer?.query === wanted ? answer.ids : [])])
  }, [wanted, answer, rows])
  return { found: here, asking: wanted !== '' && (answer?.query !== wanted || answer.view !== view) }
}
