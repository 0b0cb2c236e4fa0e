/** Leads on their way: a card stands in its new column at once, goes back with a reason where the server refuses, and for some seconds the
    move can be taken back. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { explain, useApi } from '../settings/session'
import type { Shown } from './board'
import { type Board, type Card, type Lead, nameOf, placed, STATUS, type Status } from './leads'

const UNDO_MS = 5000

export interface Done {
  card: Card
  words: string
}

export function useMoves(board: Shown) {
  const { post } = useApi()
  const [done, setDone] = useState<Done | null>(null)
  const [refused, setRefused] = useState<string | null>(null)
  const { change, again } = board
  const put = useCallback((card: Card) => change((all: Board) => placed(all, card)), [change])

  const back = useCallback(
    (error: unknown, card: Card) => {
      put(card)
      setRefused(explain(error))
      again()
    },
    [put, again],
  )
  const move = useCallback(
    async (card: Card, to: Status, why?: string): Promise<void> => {
      if (card.status === to) return
      setRefused(null)
      setDone(null)
      put({ ...card, status: to })
      try {
        const now = await post<Lead>(`leads/${card.id}/move`, { to, rev: card.rev, ...(why ? { why } : {}) })
        put(now.lead)
        setDone({ card: now.lead, words: `${nameOf(card)} is in ${STATUS[to]} now.` })
      } catch (error) {
        back(error, card)
      }
    },
    [post, put, back],
  )
  const undo = useCallback(
    async ({ card }: Done): Promise<void> => {
      setDone(null)
      try {
        put((await post<Lead>(`leads/${card.id}/take-back`, { rev: card.rev })).lead)
      } catch (error) {
        back(error, card)
      }
    },
    [post, put, back],
  )
  const close = useCallback(() => setDone(null), [])
  return { move, undo, put, done, close, refused, refuse: setRefused, accept: () => setRefused(null) }
}

/** Calls `end` after some seconds in which nobody was at it; gives what tells that somebody is. */
export function useEnding(of: Done | null, end: () => void): { hold(on: boolean): void } {
  const [held, hold] = useState(false)
  const latest = useRef(end)
  useEffect(() => {
    latest.current = end
  })
  useEffect(() => {
    if (!of || held) return
    const timer = setTimeout(() => latest.current(), UNDO_MS)
    return () => clearTimeout(timer)
  }, [of, held])
  useEffect(() => {
    if (!of) hold(false)
  }, [of])
  return { hold }
}
