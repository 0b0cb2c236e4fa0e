/** The chef's sheet: where to be when, for whom, what to bring and to collect; what nobody told is named. */
import { useCallback, useRef, useState } from 'react'
import { CopyIcon, Done } from '../../design/icons'
import { Dialog } from '../Dialog'
import { Icon } from '../Icon'
import { Here } from '../settings/frame'
import { useLoaded } from '../settings/loading'
import { useApi } from '../settings/session'
import { clock, longDay } from './dates'
import { type Booking, money } from './parties'

interface Counted {
  name: string
  count: number
}

interface ChefSheet {
  number: number
  chef?: string
  day: string
  arrives: string
  starts: string
  ends: string
  leaves: string
  name?: string
  phone?: string
  address: string
  adults: number
  children: number
  under_six: number
  picks: Counted[]
  upgrades: Counted[]
  due: number
  unassigned: number
  surplus: number
  extras: Counted[]
  allergies: string[]
  diets: string[]
  collect_cents?: number
  missing: string[]
}

interface Props {
  booking: Booking
  onClose(): void
}

export function Sheet({ booking, onClose }: Props) {
  const { get } = useApi()
  const { id } = booking.party
  const sheet = useLoaded(useCallback(() => get<ChefSheet>(`bookings/${id}/sheet`), [get, id]))
  const box = useRef<HTMLDivElement>(null)
  return (
    <Dialog title={`Chef’s sheet of booking #${booking.party.number}`} onClose={onClose}>
      <div ref={box} className="settings-form">
        <Here of={sheet}>{one => <Written of={one} />}</Here>
        <button type="button" className="button quiet" onClick={() => box.current?.closest('dialog')?.close()}>
          Close
        </button>
      </div>
    </Dialog>
  )
}

function Written({ of }: { of: ChefSheet }) {
  const [copied, setCopied] = useState<boolean | null>(null)
  const list = useRef<HTMLDListElement>(null)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(textOf(of))
      setCopied(true)
    } catch {
      // Without a secure address there is no clipboard: marked, it is one key away.
      if (list.current) getSelection()?.selectAllChildren(list.current)
      setCopied(false)
    }
  }
  return (
    <>
      {of.missing.length > 0 && (
        <ul className="notice" aria-label="Still to be asked">
          {of.missing.map(what => (
            <li key={what}>{what}</li>
          ))}
        </ul>
      )}
      <dl ref={list} className="booking-facts">
        {linesOf(of).map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <button type="button" className="button" onClick={() => void copy()}>
        <Icon of={copied ? Done : CopyIcon} size={16} /> {copied ? 'Copied' : 'Copy to send it on'}
      </button>
      <p role="status" className={copied === false ? 'hint-line' : 'unseen'}>
        {copied === false ? 'It is marked now: copy it with Ctrl C.' : copied ? 'The sheet is copied' : ''}
      </p>
    </>
  )
}

function linesOf(sheet: ChefSheet): [string, string][] {
  const guests = [
    `${sheet.adults} adults`,
    sheet.children && `${sheet.children} children`,
    sheet.under_six && `${sheet.under_six} little ones`,
  ]
  const lines: [string, string | undefined][] = [
    ['Chef', sheet.chef ?? 'Nobody yet'],
    ['Day', longDay(sheet.day)],
    ['Be there', clock(sheet.arrives)],
    ['Guests eat', `${clock(sheet.starts)} to ${clock(sheet.ends)}, done by ${clock(sheet.leaves)}`],
    ['Where', sheet.address],
    ['For', [sheet.name, sheet.phone].filter(Boolean).join(', ')],
    ['Guests', guests.filter(Boolean).join(', ')],
    [`Picks (${sheet.due})`, picksOf(sheet)],
    ['Extras', counted(sheet.extras)],
    ['Allergies', sheet.allergies.join(', ')],
    ['Diets', sheet.diets.join(', ')],
    ['To collect', sheet.collect_cents === undefined ? undefined : money(sheet.collect_cents)],
  ]
  return lines.filter((line): line is [string, string] => Boolean(line[1]))
}

function picksOf(sheet: ChefSheet): string {
  const open = sheet.unassigned > 0 ? `${sheet.unassigned} not chosen yet` : ''
  return [counted([...sheet.picks, ...sheet.upgrades]), open].filter(Boolean).join(', ')
}

function counted(dishes: readonly Counted[]): string {
  return dishes.map(({ name, count }) => `${count} ${name}`).join(', ')
}

function textOf(sheet: ChefSheet): string {
  const lines = [`Booking #${sheet.number}`, ...linesOf(sheet).map(([label, value]) => `${label}: ${value}`)]
  return [...lines, ...sheet.missing.map(what => `Still to be asked: ${what}`)].join('\n')
}
