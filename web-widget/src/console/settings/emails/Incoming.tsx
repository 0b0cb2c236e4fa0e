/** Mails that came in, and what became of each. */
import { useCallback } from 'react'
import { moment } from '../../when'
import { Here, Older } from '../frame'
import { useLoaded, useOlder } from '../loading'
import { useApi } from '../session'
import { type Came, OUTCOMES } from './emails'

export function Incoming() {
  const { get } = useApi()
  const load = useCallback(() => get<Came>('inbound-emails'), [get])
  const came = useLoaded(load)
  const older = useOlder(came, cursor => get<Came>(`inbound-emails?cursor=${cursor}`))
  return (
    <Here
      of={came}
      empty={{
        when: page => page.items.length === 0,
        words:
          'Answers to our mails appear here once your mail provider posts them to /webhooks/email. How: docs/emails.md.',
      }}
    >
      {page => (
        <>
          <ul className="mails">
            {page.items.map(one => (
              <li key={one.id} className="mail-came">
                <span className="mail-what">
                  <strong>{one.subject || '(no subject)'}</strong>
                  <span className="soft small">
                    {one.from_address}, <time dateTime={one.created_at}>{moment(one.created_at)}</time>.{' '}
                    {OUTCOMES[one.outcome]}.
                  </span>
                </span>
                <details>
                  <summary>Read it</summary>
                  <p className="mail-words">{one.text}</p>
                </details>
                {one.conversation && <a href={`#/c/${one.conversation}`}>Open the conversation</a>}
                {one.email && <a href={`#/settings/emails/${one.email}`}>Open the mail that it answers</a>}
              </li>
            ))}
          </ul>
          <Older cursor={page.cursor} {...older} />
        </>
      )}
    </Here>
  )
}
