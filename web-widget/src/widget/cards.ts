/** A card in words: what it is called, how it stands, what may be done with it. Pure. */
import type { CardView } from '../protocol/cards'
import { fill, type Strings } from './strings'

/** Nothing can be done with it any more. */
const OVER = ['expired', 'released', 'superseded', 'cancelled']

export function isOver({ state }: CardView): boolean {
  return OVER.includes(state)
}

/** Nothing for a state that its title and lines tell enough of. */
export function standing({ state }: CardView, t: Strings): string {
  return Object.hasOwn(t.states, state) ? t.states[state as keyof Strings['states']] : ''
}

/** A card as one says it: for an ear, or a text file. */
export function cardInWords(card: CardView, t: Strings): string {
  const joined = (parts: string[], between: string) => parts.filter(Boolean).join(between)
  const lines = card.lines.map(({ label, value }) => joined([label, value], ' '))
  const what = joined([joined([card.title, standing(card, t)], ', '), lines.join(', ')], ': ')
  const action = !isOver(card) && card.action ? fill(t.button, { name: card.action.label }) : ''
  return joined([`${what}.`, card.total && `${t.total} ${card.total}.`, action], ' ')
}
