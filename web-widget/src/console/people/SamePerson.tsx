/** In the details: whether they are taken for a machine; who may be the same person, for somebody to say; who was joined, to be parted
 * again; and all their conversations. */
import { useCallback, useEffect, useState } from 'react'
import { Chat, TextingIcon } from '../../design/icons'
import { visible } from '../../text/markdown'
import { Dialog } from '../Dialog'
import { useDesk } from '../hooks'
import { Icon } from '../Icon'
import { type Saver, useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import { ago } from '../when'
import { because, inCommon, type Joined, others, type Person, type Suggestion, silence, wayOf } from './people'
import './people.css'

export function SamePerson({ id, now }: { id: string; now: number }) {
  const { person, again } = usePerson(id)
  const saver = useSaving()
  const [parting, setParting] = useState<Joined | null>(null)
  const { post } = useApi()
  const act = async (path: string) => {
    if ((await saver.run(() => post(path, {}))) !== null) again()
  }
  if (!person) return null
  const before = others(person, id)
  const silent = silence(person.muted, now)
  if (!silent && !person.suggestions.length && !person.joined.length && !before.length) return null
  return (
    <section className="person">
      <h3>Person</h3>
      {saver.at.state === 'failed' && (
        <p className="fault small" role="alert">
          {saver.at.why}
        </p>
      )}
      {silent && (
        <div className="person-maybe">
          <p>Taken for a machine</p>
          <p className="small">{silent}</p>
          <div className="person-do">
            <button
              type="button"
              className="button"
              disabled={saver.at.state === 'saving'}
              onClick={() => void act(`conversations/${id}/unmute`)}
            >
              It is a person: answer again
            </button>
          </div>
        </div>
      )}
      {person.suggestions.map(one => (
        <Maybe key={one.id} of={one} saver={saver} onSay={what => void act(`suggestions/${one.id}/${what}`)} />
      ))}
      {person.joined.map(one => (
        <div key={one.id} className="person-joined">
          <p>
            Joined with <strong>{visible(one.name ?? '') || 'a visitor'}</strong>
          </p>
          <p className="soft small">{because(one)}</p>
          {one.may_part && (
            <button type="button" className="link small" onClick={() => setParting(one)}>
              Part them again
            </button>
          )}
        </div>
      ))}
      {before.length > 0 && (
        <ul className="person-talks" aria-label="Other conversations of this person">
          {before.map(one => (
            <li key={one.id}>
              <a href={`#/c/${one.id}`}>
                <Icon of={one.channel === 'sms' ? TextingIcon : Chat} size={15} />
                <span className="unseen">{one.channel === 'sms' ? 'By text: ' : 'On the web: '}</span>
                <span className="person-preview">{one.preview || 'Nothing said yet'}</span>
                <span className="soft small">{ago(one.at, now)}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {parting && (
        <Dialog title="Part them again?" onClose={() => setParting(null)}>
          <p>
            {visible(parting.name ?? '') || 'The visitor'} gets back what was theirs, and with each of their
            conversations what was written in it since. What else was written since stays here.
          </p>
          <div className="actions">
            <button type="button" className="button" onClick={() => setParting(null)}>
              Leave it
            </button>
            <button
              type="button"
              className="button primary"
              onClick={() => {
                void act(`merges/${parting.id}/part`)
                setParting(null)
              }}
            >
              Part them
            </button>
          </div>
        </Dialog>
      )}
    </section>
  )
}

function Maybe({ of, saver, onSay }: { of: Suggestion; saver: Saver; onSay(what: 'same' | 'two'): void }) {
  const busy = saver.at.state === 'saving'
  const name = visible(of.name ?? '') || 'A visitor'
  return (
    <div className="person-maybe">
      <p>{of.conversation ? <a href={`#/c/${of.conversation}`}>{name}</a> : name} may be the same person</p>
      <p className="small">{inCommon(of.why)}</p>
      {of.ways.length > 0 && <p className="small soft">{of.ways.map(wayOf).join(', ')}</p>}
      <div className="person-do">
        <button type="button" className="button" disabled={busy} onClick={() => onSay('same')}>
          Same person
        </button>
        <button type="button" className="button quiet" disabled={busy} onClick={() => onSay('two')}>
          Not the same
        </button>
      </div>
    </div>
  )
}

const TELLING: readonly string[] = ['linked', 'customer', 'alert', 'unmuted']

/** Asked again when staff read in the thread that something of it changed. */
function usePerson(id: string): { person: Person | null; again(): void } {
  const { get } = useApi()
  const changes = useDesk(d => d.threads[id]?.staff.filter(e => TELLING.includes(e.kind)).length ?? 0)
  const [known, setKnown] = useState<{ id: string; person: Person } | null>(null)
  const [asked, setAsked] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change is a reason to ask again
  useEffect(() => {
    let gone = false
    get<Person>(`conversations/${id}/person`).then(
      person => gone || setKnown({ id, person }),
      () => {}, // what is missing beside the thread tells nothing wrong
    )
    return () => {
      gone = true
    }
  }, [get, id, changes, asked])
  const again = useCallback(() => setAsked(n => n + 1), [])
  return { person: known?.id === id ? known.person : null, again }
}
