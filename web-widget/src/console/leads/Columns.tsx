/** The board's columns side by side; on a phone the one that is picked. */
import { type PointerEvent, type RefObject, useState } from 'react'
import { explain, useApi } from '../settings/session'
import type { Drag } from './dragging'
import { CardInside, LeadCard } from './LeadCard'
import { type Board, type Card, type Column, type Filters, longer, question, STATUS, type Status } from './leads'

const EMPTY: Record<Status, string> = {
  new: 'Whoever tells of a party, or leaves a way to be reached, appears here.',
  working: 'Somebody looks after these.',
  qualified: 'These have a party that we can cook for.',
  nurturing: 'These are not ready yet.',
  converted: 'A confirmed booking brings a lead here by itself.',
  disqualified: 'Nothing comes of these.',
}

interface Props {
  board: Board
  filters: Filters
  picked: Status
  chosen: string | null
  drag: Drag | null
  now: number
  box: RefObject<HTMLDivElement | null>
  onOpen(card: Card): void
  onPress(e: PointerEvent<HTMLElement>, card: Card): void
  onMore(change: (board: Board) => Board): void
}

export function Columns({ board, picked, drag, now, box, ...more }: Props) {
  const may = drag ? board.moves[drag.card.status] : []
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so that keys must reach it */}
      <section className="lead-columns" ref={box} aria-label="Board" tabIndex={0}>
        {board.columns.map(column => (
          <ColumnOf
            key={column.status}
            column={column}
            now={now}
            drag={drag}
            picked={column.status === picked}
            over={drag?.over === column.status && may.includes(column.status)}
            barred={drag !== null && drag.card.status !== column.status && !may.includes(column.status)}
            {...more}
          />
        ))}
      </section>
      {drag && (
        <div
          className="lead-drag"
          style={{ width: drag.width, translate: `${drag.x}px ${drag.y}px` }}
          aria-hidden="true"
        >
          <div className={`lead-card ${drag.card.temperature}`}>
            <CardInside card={drag.card} now={now} />
          </div>
        </div>
      )}
    </>
  )
}

interface ColumnProps extends Pick<Props, 'filters' | 'chosen' | 'now' | 'drag' | 'onOpen' | 'onPress' | 'onMore'> {
  column: Column
  picked: boolean
  over: boolean
  /** What is dragged cannot go there. */
  barred: boolean
}

function ColumnOf({ column, filters, picked, over, barred, chosen, now, drag, onOpen, onPress, onMore }: ColumnProps) {
  const { status, count, items } = column
  const look = [picked && 'picked', over && 'over', barred && 'barred'].filter(Boolean).join(' ')
  return (
    <section className={`lead-column ${look}`} data-column={status} aria-label={STATUS[status]}>
      <h2>
        {STATUS[status]} <span className="tally">{count}</span>
      </h2>
      {items.length === 0 ? (
        <p className="soft small lead-empty">{EMPTY[status]}</p>
      ) : (
        <ul className="lead-cards">
          {items.map(card => (
            <li key={card.id}>
              <LeadCard
                card={card}
                now={now}
                chosen={card.id === chosen}
                away={drag?.card.id === card.id}
                onOpen={() => onOpen(card)}
                onPress={e => onPress(e, card)}
              />
            </li>
          ))}
        </ul>
      )}
      <More column={column} filters={filters} onMore={onMore} />
    </section>
  )
}

function More({ column, filters, onMore }: Pick<ColumnProps, 'column' | 'filters' | 'onMore'>) {
  const { get } = useApi()
  const [why, setWhy] = useState<string | null>(null)
  const { status, cursor } = column
  if (!cursor) return null
  const more = async () => {
    const asked = question(filters)
    const place = new URLSearchParams({ status, cursor })
    setWhy(null)
    try {
      const page = await get<Board>(`${asked}${asked.includes('?') ? '&' : '?'}${place}`)
      const next = page.columns[0]
      if (next) onMore(board => longer(board, next))
    } catch (error) {
      setWhy(explain(error))
    }
  }
  return (
    <>
      <button type="button" className="button quiet" onClick={() => void more()}>
        Show more<span className="unseen"> of {STATUS[status]}</span>
      </button>
      {why && (
        <p className="fault" role="alert">
          {why}
        </p>
      )}
    </>
  )
}
