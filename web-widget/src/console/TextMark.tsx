/** Under a message: that it came by text, or what became of the text that it went out as. */
import { createContext, useContext } from 'react'
import { Alert } from '../design/icons'
import type { Message, StaffEvent } from '../protocol/wire'
import { Icon } from './Icon'

export type Texted = Extract<StaffEvent, { kind: 'text' }>
export type Texts = ReadonlyMap<string, Texted>

/** The last word of each message's text, by the message's id. */
export const TextsContext = createContext<Texts>(new Map())

export function textsOf(staff: readonly StaffEvent[]): Texts {
  return new Map(staff.flatMap(e => (e.kind === 'text' && e.message ? [[e.message, e] as const] : [])))
}

const STATES: Record<Texted['state'], string> = {
  waiting: 'Going out by text',
  sent: 'Sent by text',
  delivered: 'Delivered by text',
  unknown: 'Nobody knows whether this text went out',
  failed: 'Not delivered by text',
  refused: 'Not texted',
  held: 'Kept, not texted',
  cancelled: 'Not texted any more',
}
/** What somebody should look at. */
const WRONG: readonly Texted['state'][] = ['unknown', 'failed', 'refused']

/** What somebody can do something about, on the text's own page. */
const DECIDED: readonly Texted['state'][] = ['unknown', 'failed', 'held']

export function TextMark({ message }: { message: Message }) {
  const text = useContext(TextsContext).get(message.id)
  if (!text)
    return message.channel === 'sms' && message.author.kind === 'customer' ? (
      <p className="meta by-text">By text</p>
    ) : null
  const wrong = WRONG.includes(text.state)
  return (
    <p className={`meta text-mark ${wrong ? 'failed' : ''}`}>
      {wrong && <Icon of={Alert} size={14} />}
      <span>
        {inWords(text)}{' '}
        {DECIDED.includes(text.state) && (
          <a href={`#/settings/texts/${text.text}`}>
            Look at it<span className="unseen">: the text that went out as this</span>
          </a>
        )}
      </span>
    </p>
  )
}

export function inWords({ state, error, segments }: Pick<Texted, 'state' | 'error' | 'segments'>): string {
  const parts = segments > 1 ? ` · ${segments} segments` : ''
  return `${STATES[state]}${error ? `: ${error}` : ''}${parts}`
}
