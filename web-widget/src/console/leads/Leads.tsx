/** Leads: a board by how they stand, moved by dragging or by keys; one of them opens beside it. */
import { useContext, useEffect, useRef, useState } from 'react'
import { SearchIcon } from '../../design/icons'
import { useHover, useNow, useRoute } from '../hooks'
import { Icon } from '../Icon'
import { ColleaguesContext } from '../Mentions'
import { Here } from '../settings/frame'
import '../settings/settings.css'
import '../settings/staff.css'
import '../paneled.css'
import './leads.css'
import { useBoard } from './board'
import { Columns } from './Columns'
import { useDragging } from './dragging'
import { useLeadKeys } from './keys'
import { LeadPanel } from './LeadPanel'
import {
  ALL,
  type Board,
  type Card,
  cardOf,
  type Filters,
  neighbour,
  plain,
  STATUS,
  type Status,
  TEMPERATURE,
} from './leads'
import { MoveDialog } from './MoveDialog'
import { type Done, useEnding, useMoves } from './moves'

/** What is asked before it is moved. */
interface Asked {
  card: Card
  to: Status | null
}

const TYPED_MS = 250

export default function Leads({ page }: { page: string | null }) {
  const [, go] = useRoute()
  const [filters, setFilters] = useState(ALL)
  const [picked, pick] = useState<Status>('new')
  const [asked, setAsked] = useState<Asked | null>(null)
  const [hovered, hover] = useHover()
  const [dragging, setDragging] = useState(false)
  const now = useNow()
  const box = useRef<HTMLDivElement>(null)
  const board = useBoard(filters, hovered || dragging || asked !== null)
  const moves = useMoves(board)
  const focus = useFocused(board.value)

  const open = (id: string | null) => go({ view: 'leads', page: id })
  const moveTo = (card: Card, to: Status) => {
    if (!board.value?.moves[card.status].includes(to)) moves.refuse(barred(card, to))
    else if (to === 'disqualified') setAsked({ card, to })
    else void moves.move(card, to)
  }
  const { drag, press } = useDragging(box, moveTo)
  useEffect(() => setDragging(drag !== null), [drag])
  const card = page ? cardOf(board.value, page) : null
  const ask = (one: Card | null) => one && setAsked({ card: one, to: null })
  useLeadKeys({
    ask: id => ask(id ? cardOf(board.value, id) : card),
    step: (id, arrow) => board.value && focus(neighbour(board.value, id, arrow)),
    close: page ? () => open(null) : null,
  })
  const close = (id: string) => {
    open(null)
    focus(id)
  }
  return (
    <section className={`paneled leads ${page ? 'with-panel' : ''} ${drag ? 'dragging' : ''}`} aria-label="Leads">
      <div className="paneled-main leads-main">
        <header className="leads-head">
          <h1>Leads</h1>
          <Narrowing filters={filters} sources={board.value?.sources ?? []} onChange={setFilters} />
        </header>
        {moves.refused && (
          <div className="notice" role="alert">
            <p>{moves.refused}</p>
            <button type="button" className="button quiet" onClick={moves.accept}>
              Close
            </button>
          </div>
        )}
        <Here of={board}>
          {value => (
            <div
              className="leads-board"
              onPointerMove={e => e.pointerType === 'mouse' && hover(true)}
              onPointerLeave={() => hover(false)}
            >
              <Picker board={value} picked={picked} over={drag?.over ?? null} onPick={pick} />
              {board.news > 0 && (
                <button type="button" className="button lead-news" onClick={board.show}>
                  {board.news === 1 ? 'One change' : `${board.news} changes`} · Show
                </button>
              )}
              <Columns
                board={value}
                filters={filters}
                picked={picked}
                chosen={page}
                drag={drag}
                now={now}
                box={box}
                onOpen={one => open(one.id)}
                onPress={press}
                onMore={board.change}
              />
            </div>
          )}
        </Here>
        <p className="soft small leads-note wide-only">
          Drag a lead to another column, or press m on it. Arrows go from one to the next.
        </p>
        <Undo done={moves.done} onUndo={moves.undo} onEnd={moves.close} />
      </div>
      {page && (
        <LeadPanel key={page} id={page} card={card} onClose={() => close(page)} onMove={ask} onChanged={moves.put} />
      )}
      {asked && board.value && (
        <MoveDialog
          card={asked.card}
          moves={board.value.moves[asked.card.status]}
          to={asked.to}
          onMove={(to, why) => {
            void moves.move(asked.card, to, why)
            focus(asked.card.id)
          }}
          onClose={() => setAsked(null)}
        />
      )}
    </section>
  )
}

function barred(card: Card, to: Status): string {
  if (to === 'new') return 'Somebody has looked at this lead: it does not become new again.'
  return `This lead is ${STATUS[card.status].toLowerCase()}. Move it to working first to open it again.`
}

/** Gives the focus to a card once it stands on the board, wherever it went. */
function useFocused(board: Board | null): (id: string | null) => void {
  const wanted = useRef<string | null>(null)
  const [, look] = useState(0)
  useEffect(() => {
    if (!board || !wanted.current) return
    const card = document.querySelector<HTMLElement>(`[data-lead="${wanted.current}"]`)
    if (card && document.activeElement !== card && !document.querySelector('dialog[open]')) {
      card.focus()
      card.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    }
    wanted.current = null
  })
  return id => {
    wanted.current = id
    look(n => n + 1)
  }
}

interface NarrowingProps {
  filters: Filters
  sources: readonly string[]
  onChange(filters: Filters): void
}

function Narrowing({ filters, sources, onChange }: NarrowingProps) {
  const colleagues = useContext(ColleaguesContext)
  const [text, setText] = useState(filters.text)
  const latest = useRef({ filters, onChange })
  useEffect(() => {
    latest.current = { filters, onChange }
  })
  useEffect(() => {
    const timer = setTimeout(() => {
      const { filters: now, onChange: tell } = latest.current
      if (now.text !== text) tell({ ...now, text })
    }, TYPED_MS)
    return () => clearTimeout(timer)
  }, [text])
  const set = (change: Partial<Filters>) => onChange({ ...filters, ...change })
  return (
    <search className="lead-filters">
      <label className="search">
        <Icon of={SearchIcon} size={16} />
        <span className="unseen">Search leads</span>
        <input
          type="search"
          data-search
          placeholder="Name, place or number"
          value={text}
          onChange={e => setText(e.target.value)}
        />
      </label>
      <select
        aria-label="How promising"
        value={filters.temperature}
        onChange={e => set({ temperature: e.target.value as Filters['temperature'] })}
      >
        <option value="">Any score</option>
        {Object.entries(TEMPERATURE).map(([key, word]) => (
          <option key={key} value={key}>
            {word}
          </option>
        ))}
      </select>
      <select aria-label="Where they came from" value={filters.source} onChange={e => set({ source: e.target.value })}>
        <option value="">Any source</option>
        {sources.map(source => (
          <option key={source} value={source}>
            {plain(source)}
          </option>
        ))}
      </select>
      <select aria-label="Whose" value={filters.assignee} onChange={e => set({ assignee: e.target.value })}>
        <option value="">Anybody's</option>
        <option value="nobody">Nobody's</option>
        {colleagues.map(one => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </search>
  )
}

interface PickerProps {
  board: Board
  picked: Status
  over: Status | null
  onPick(status: Status): void
}

/** One column at a time on a phone; a card can be dropped on the name of another. */
function Picker({ board, picked, over, onPick }: PickerProps) {
  return (
    <fieldset className="views lead-picker" aria-label="Column">
      {board.columns.map(({ status, count }) => (
        <button
          key={status}
          type="button"
          className={`view ${over === status ? 'over' : ''}`}
          aria-pressed={status === picked}
          data-column={status}
          onClick={() => onPick(status)}
        >
          {STATUS[status]} <span className="tally">{count}</span>
        </button>
      ))}
    </fieldset>
  )
}

interface UndoProps {
  done: Done | null
  onUndo(done: Done): Promise<void>
  onEnd(): void
}

function Undo({ done, onUndo, onEnd }: UndoProps) {
  const { hold } = useEnding(done, onEnd)
  return (
    <div role="status" className="lead-undo-place">
      {done && (
        // biome-ignore lint/a11y/noStaticElementInteractions: it stays while somebody is at it
        <div
          className="lead-undo"
          onPointerEnter={() => hold(true)}
          onPointerLeave={() => hold(false)}
          onFocus={() => hold(true)}
          onBlur={() => hold(false)}
        >
          {done.words}
          <button type="button" className="button" onClick={() => void onUndo(done)}>
            Undo
          </button>
        </div>
      )}
    </div>
  )
}
