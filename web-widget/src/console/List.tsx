/** The inbox: what needs a person first, then mine, then what the AI answers, then what is quiet. */
import { memo, useEffect, useMemo, useRef, useState } from 'react'
import { SearchIcon } from '../design/icons'
import type { GroupName, Groups } from '../protocol/groups'
import { browserClock } from '../protocol/socket'
import { held, type Layout, layoutOf, narrowed, VIEWS, type ViewName } from '../protocol/views'
import { Health } from './Health'
import { useClient, useDesk, useHover, useLasting } from './hooks'
import { Icon } from './Icon'
import { MentionedHere } from './Mentions'
import { Rows } from './Rows'

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
/** Further rows are asked for this far before the end. */
const AHEAD_PX = 1500
/** Below it the list is being read; a row that comes would push away what is read. */
const READING_PX = 8

export const List = memo(function List({ groups, selected, now, onOpen }: Props) {
  const client = useClient()
  const loaded = useDesk(d => d.loaded)
  const since = useRef(browserClock.now())
  const slow = useLasting(loaded ? null : since.current, 300)
  const [hovered, hover] = useHover()
  const [scrolled, setScrolled] = useState(false)
  const [view, setView] = useState<ViewName>('all')
  const [query, setQuery] = useState('')
  const { found, asking } = useSearch(query, view)
  const box = useRef<HTMLDivElement>(null)
  // What else of the state it looks at, the groups are made of too.
  const wanted = useMemo(() => narrowed(client.store.get(), groups, view, found), [client, groups, view, found])
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
            placeholder="Name, number or words"
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
      <MentionedHere onOpen={onOpen} />
      <div className="list-frame">
        <div
          ref={box}
          className="list-scroll"
          onScroll={e => {
            const { scrollTop, scrollHeight, clientHeight } = e.currentTarget
            setScrolled(scrollTop > READING_PX)
            if (scrollHeight - scrollTop < clientHeight + AHEAD_PX) void client.pages.more()
          }}
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
                <Rows rows={steady[g.name]} box={box} selected={selected} now={now} onOpen={onOpen} />
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
})

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
      {count === 0 ? <p className="soft small none">{empty}</p> : children}
    </section>
  )
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
    if (!wanted && view === 'all') return
    let over = false
    const timer = setTimeout(async () => {
      // Resolved conversations are found too, beside the open ones.
      const views = view === 'all' && wanted ? (['all', 'closed'] as const) : [view]
      const all = await Promise.all(views.map(v => client.pages.find(v, wanted)))
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
