/** A booking beside the calendar: how it stands, who and where, the money, what may be done, and what happened. */
import { createContext, useCallback, useContext, useEffect, useRef, useState } from 'react'
import { Close } from '../../design/icons'
import { useDesk } from '../hooks'
import { Icon } from '../Icon'
import { Here } from '../settings/frame'
import { useLoaded } from '../settings/loading'
import { useApi } from '../settings/session'
import { moment } from '../when'
import { clock, longDay } from './dates'
import { type Booking, byWhom, factsOf, happened, money, nameOf, STATES } from './parties'
import { Verbs } from './Verbs'

/** Below the panel's own heading, which is the page's where the panel stands alone. */
const Below = createContext<'h2' | 'h3'>('h3')

function PartTitle({ children }: { children: string }) {
  const Title = useContext(Below)
  return <Title>{children}</Title>
}

/** As in calendar.css. */
const ALONE_PX = 900

interface Props {
  id: string
  onClose(): void
  onChanged(): void
}

export function BookingPanel({ id, onClose, onChanged }: Props) {
  const { get } = useApi()
  const load = useCallback(() => get<Booking>(`bookings/${id}`), [get, id])
  const booking = useLoaded(load)
  const { again } = booking
  const conversation = booking.value?.party.conversation
  const rev = useDesk(d => (conversation ? (d.rows[conversation]?.rev ?? 0) : 0))
  const heard = useRef(0)
  useEffect(() => {
    // Something was told in its conversation: perhaps of the booking.
    if (rev && heard.current && rev !== heard.current) again()
    heard.current = rev
  }, [rev, again])
  const heading = useRef<HTMLHeadingElement>(null)
  // Where it stands in the calendar's place, it is the page.
  const [Title] = useState<'h1' | 'h2'>(() => (innerWidth <= ALONE_PX ? 'h1' : 'h2'))
  const there = booking.value !== null
  useEffect(() => {
    if (there) heading.current?.focus({ preventScroll: true })
  }, [there])
  const changed = (next: Booking) => {
    booking.change(() => next)
    onChanged()
  }
  return (
    <aside className="side-panel booking-panel" aria-label="Booking">
      <button type="button" className="square side-close" aria-label="Close the booking" onClick={onClose}>
        <Icon of={Close} />
      </button>
      <Here of={booking}>
        {one => (
          <Below.Provider value={Title === 'h1' ? 'h2' : 'h3'}>
            <header className="booking-head">
              <p className={`state-chip ${one.party.status}`}>{STATES[one.party.status]}</p>
              <Title ref={heading} tabIndex={-1}>
                {nameOf(one.party)}
              </Title>
              <p className="soft small">Booking #{one.party.number}</p>
            </header>
            <When of={one} />
            <Verbs booking={one} onChanged={changed} />
            <Who of={one} />
            <MoneyOf of={one} />
            <Facts of={one} />
            <History of={one} />
          </Below.Provider>
        )}
      </Here>
    </aside>
  )
}

function When({ of }: { of: Booking }) {
  const { party } = of
  return (
    <dl className="booking-facts">
      <div>
        <dt>When</dt>
        <dd>
          {longDay(party.day)}, {clock(party.at)} to {clock(party.ends)}
        </dd>
      </div>
      <div>
        <dt>Guests</dt>
        <dd>
          {party.guests}
          <span className="soft"> · {guestsOf(of)}</span>
        </dd>
      </div>
      <div>
        <dt>Where</dt>
        <dd>
          {of.address}
          {of.miles !== undefined && <span className="soft"> · {of.miles} miles</span>}
        </dd>
      </div>
      <div>
        <dt>Chef</dt>
        <dd>{of.chef_name ?? 'Nobody yet'}</dd>
      </div>
      {of.hold_until && (
        <div>
          <dt>Held until</dt>
          <dd>{moment(of.hold_until)}</dd>
        </div>
      )}
    </dl>
  )
}

function guestsOf({ adults, children, under_six }: Booking): string {
  const parts: [number, string, string][] = [
    [adults, 'adult', 'adults'],
    [children, 'child', 'children'],
    [under_six, 'little one', 'little ones'],
  ]
  return parts
    .filter(([count]) => count > 0)
    .map(([count, single, plural]) => `${count} ${count === 1 ? single : plural}`)
    .join(', ')
}

function Who({ of }: { of: Booking }) {
  return (
    <section className="side-part" aria-label="Customer">
      <PartTitle>Customer</PartTitle>
      <ul className="booking-links">
        {of.phone && (
          <li>
            <a href={`tel:${of.phone}`}>{of.phone}</a>
          </li>
        )}
        {of.email && (
          <li>
            <a href={`mailto:${of.email}`}>{of.email}</a>
          </li>
        )}
        <li>
          <a href={`#/c/${of.party.conversation}`}>Open the conversation</a>
        </li>
        <li>
          <a href={of.page} target="_blank" rel="noreferrer">
            The customer’s page of it
          </a>
        </li>
      </ul>
    </section>
  )
}

function MoneyOf({ of }: { of: Booking }) {
  const { money: m } = of
  if (!m.quoted) return null
  const lines: [string, number][] = [
    ['Total', m.total],
    ['Fees', m.fees],
    ['Discounts', -m.discounts],
    ['Paid', -m.paid],
    ['Paid back', m.refunded],
  ]
  return (
    <section className="side-part" aria-label="Money">
      <PartTitle>Money</PartTitle>
      <dl className="booking-money">
        {lines
          .filter(([label, cents]) => cents !== 0 || label === 'Total')
          .map(([label, cents]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{money(cents)}</dd>
            </div>
          ))}
        <div className="sum">
          <dt>{m.balance < 0 ? 'Paid too much' : 'Still to pay'}</dt>
          <dd>{money(Math.abs(m.balance))}</dd>
        </div>
      </dl>
      {m.deposit_due > 0 && (
        <p className="small booking-due">
          Deposit of {money(m.deposit_due)} due{of.deposit_until ? ` ${moment(of.deposit_until)}` : ''}
        </p>
      )}
      {m.paid > 0 && (
        <p className="soft small">
          {of.refundable
            ? 'The deposit goes back if it is cancelled now.'
            : 'The deposit would be kept if it is cancelled now.'}
        </p>
      )}
    </section>
  )
}

function Facts({ of }: { of: Booking }) {
  const facts = factsOf(of.facts)
  if (facts.length === 0) return null
  return (
    <section className="side-part" aria-label="Food and wishes">
      <PartTitle>Food and wishes</PartTitle>
      <dl className="booking-facts">
        {facts.map(([label, text]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function History({ of }: { of: Booking }) {
  if (of.history.length === 0) return null
  return (
    <section className="side-part" aria-label="History">
      <PartTitle>History</PartTitle>
      <ol className="booking-history">
        {of.history.map(one => (
          <li key={`${one.at}${one.kind}`}>
            <span>
              {happened(one)} <span className="soft">{byWhom(one)}</span>
            </span>
            <time className="soft small" dateTime={one.at}>
              {moment(one.at)}
            </time>
          </li>
        ))}
      </ol>
    </section>
  )
}
