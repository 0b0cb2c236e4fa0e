/** Parties on their way: one that was dropped stands in its new place at once, and goes back with a reason where the server refuses. */
import { useCallback, useState } from 'react'
import type { Resource } from '../settings/loading'
import { explain, useApi } from '../settings/session'
import { clock, shortDay } from './dates'
import {
  type Booking,
  type CalendarDays,
  type Moved,
  nameOf,
  type Party,
  placed,
  type Spot,
  sameStart,
  stands,
} from './parties'

export interface Refusal {
  party: Party
  words: string
  others: { day: string; at: string; label: string }[]
}

export interface Asked {
  party: Party
  to: Spot
}

export function useMoves(days: Resource<CalendarDays>) {
  const { post } = useApi()
  /** Where it stands while it is asked about. */
  const [on, setOn] = useState<Asked | null>(null)
  const [asked, setAsked] = useState<Asked | null>(null)
  const [refused, setRefused] = useState<Refusal | null>(null)
  const { again, change } = days

  const forget = useCallback(() => {
    setOn(null)
    setAsked(null)
    setRefused(null)
  }, [])
  const refuse = useCallback((refusal: Refusal) => {
    setOn(null)
    setAsked(null)
    setRefused(refusal)
  }, [])
  const done = useCallback(
    (booking: Booking) => {
      setOn(null)
      setAsked(null)
      change(all => ({ ...all, parties: all.parties.map(one => (one.id === booking.party.id ? booking.party : one)) }))
      again()
    },
    [again, change],
  )
  const drop = useCallback(
    (party: Party, to: Spot) => {
      if (stands(party, to)) return
      setRefused(null)
      setOn({ party, to })
      if (!sameStart(party, to)) {
        setAsked({ party, to })
        return
      }
      // Another chef at the same start: nobody needs to be told, and it can be taken back as easily.
      post<Booking>(`bookings/${party.id}/chef`, { number: to.chef ?? null }).then(done, (error: unknown) =>
        refuse({ party, words: explain(error), others: [] }),
      )
    },
    [post, done, refuse],
  )
  const over = (parties: readonly Party[]): readonly Party[] =>
    on ? parties.map(one => (one.id === on.party.id ? placed(one, on.to) : one)) : parties
  return { drop, over, asked, refused, refuse, done, forget }
}

/** What a move's refusal says, and the starts that it offers instead. */
export function refusalOf(party: Party, answer: Moved): Refusal {
  return {
    party,
    words: `${nameOf(party)} cannot be moved there. ${answer.words ?? ''}`.trim(),
    others: answer.others.map(({ day, at }) => ({ day, at, label: `${shortDay(day)}, ${clock(at)}` })),
  }
}
