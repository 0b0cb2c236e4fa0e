/** A day or a week: slots down, chefs or days across. On a phone each column is a list of its own. */
import { type CSSProperties, type DragEvent, type ReactNode, useState } from 'react'
import { clock, longDay, type Span, shortDay } from './dates'
import { PartyCard } from './PartyCard'
import { type CalendarDays, type Column, columnsOf, inColumn, inSlot, type Party, type Spot } from './parties'

interface Props {
  span: Span
  days: CalendarDays
  shown: readonly string[]
  parties: readonly Party[]
  chosen: string | null
  onOpen(party: Party): void
  onPut(party: Party, to: Spot): void
  onDay(day: string): void
}

/** What stands above one another: the day, and of a day's column who cooks there. */
interface Place {
  key: string
  day: string
  title: string
  column: Column | null
}

const KIND = 'application/x-hibachi-party'

export function Grid({ span, days, shown, parties, chosen, onOpen, onPut, onDay }: Props) {
  const places: Place[] =
    span === 'day'
      ? columnsOf(days, shown[0] ?? '').map(column => ({ ...column, day: shown[0] ?? '', column }))
      : shown.map(day => ({ key: day, day, title: shortDay(day), column: null }))
  const byId = (id: string) => parties.find(party => party.id === id)
  const drop = (id: string, place: Place, slot: string) => {
    const party = byId(id)
    if (!party) return
    const chef = place.column && place.column.station === party.station ? { chef: place.column.chef } : {}
    onPut(party, { day: place.day, at: slot, ...chef })
  }
  return (
    <div className="grid-scroll">
      <div className={`grid by-${span}`} style={{ '--columns': places.length } as CSSProperties}>
        {days.slots.map((slot, row) => (
          <span key={slot} className="grid-slot" style={at(1, row + 2)} aria-hidden="true">
            {clock(slot)}
          </span>
        ))}
        {places.map((place, column) => [
          <PlaceHead key={place.key} place={place} today={days.today} style={at(column + 2, 1)} onDay={onDay} />,
          ...days.slots.map((slot, row) => {
            const then = inSlot(parties, place.day, slot)
            return (
              <Cell
                key={`${place.key} ${slot}`}
                place={place}
                slot={slot}
                style={at(column + 2, row + 2)}
                onDrop={id => drop(id, place, slot)}
              >
                {(place.column ? inColumn(then, place.column) : then).map(party => (
                  <PartyCard
                    key={party.id}
                    party={party}
                    chef={span === 'day' ? null : chefOf(days, party)}
                    day={span === 'day'}
                    chosen={party.id === chosen}
                    onOpen={() => onOpen(party)}
                    onDrag={data => data.setData(KIND, party.id)}
                  />
                ))}
              </Cell>
            )
          }),
        ])}
      </div>
    </div>
  )
}

interface HeadFrame {
  place: Place
  today: string
  style: CSSProperties
  onDay(day: string): void
}

function PlaceHead({ place, today, style, onDay }: HeadFrame) {
  const { column, day, title } = place
  if (column)
    return (
      <h2 className="grid-head" style={style}>
        {title}
        {column.off && <span className="chip">day off</span>}
      </h2>
    )
  return (
    <h2 className={`grid-head ${day === today ? 'today' : ''}`} style={style}>
      <button type="button" className="link-like" title={`Open ${longDay(day)}`} onClick={() => onDay(day)}>
        {title}
      </button>
      {day === today && <span className="chip">today</span>}
    </h2>
  )
}

interface CellFrame {
  place: Place
  slot: string
  onDrop(id: string): void
  style: CSSProperties
  children: ReactNode[]
}

function Cell({ place, slot, style, onDrop, children }: CellFrame) {
  const [over, setOver] = useState(false)
  const hangs = (e: DragEvent) => {
    if (!e.dataTransfer.types.includes(KIND)) return
    e.preventDefault()
    e.dataTransfer.dropEffect = 'move'
    setOver(true)
  }
  const dropped = (e: DragEvent) => {
    setOver(false)
    const id = e.dataTransfer.getData(KIND)
    if (!id) return
    e.preventDefault()
    onDrop(id)
  }
  const left = (e: DragEvent) => {
    if (!e.currentTarget.contains(e.relatedTarget as Node | null)) setOver(false)
  }
  const named = `${longDay(place.day)}, ${clock(slot)}${place.column ? `, ${place.title}` : ''}`
  return (
    // biome-ignore lint/a11y/useSemanticElements: a cell is no form's part
    <div
      role="group"
      aria-label={named}
      className={`cell ${over ? 'over' : ''} ${place.column?.off ? 'off' : ''} ${children.length ? '' : 'empty'}`}
      style={style}
      data-cell={`${place.day} ${slot} ${place.column ? (place.column.chef ?? 'nobody') : ''}`.trim()}
      onDragEnter={hangs}
      onDragOver={hangs}
      onDragLeave={left}
      onDrop={dropped}
    >
      <span className="cell-time" aria-hidden="true">
        {clock(slot)}
      </span>
      {children}
    </div>
  )
}

/** Where it stands with room for columns; on a phone all is one list. */
function at(column: number, row: number): CSSProperties {
  return { '--column': column, '--row': row } as CSSProperties
}

function chefOf(days: CalendarDays, party: Party): string | null {
  return days.chefs.find(chef => chef.number === party.chef)?.name ?? null
}
