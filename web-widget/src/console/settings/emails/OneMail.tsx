/** One e-mail as it was written, what became of it, and another try. */
import { useCallback, useState } from 'react'
import { Dialog } from '../../Dialog'
import { moment } from '../../when'
import { Here, Page, Saved } from '../frame'
import { useLoaded, useSaving } from '../loading'
import { useApi } from '../session'
import { causeOf, type EmailRow, lookOf, mayRetry, type OneEmail, stateOf, titleOf } from './emails'
import { Forms, MailFrame, useForm } from './MailFrame'

export function OneMail({ id }: { id: string }) {
  const { get } = useApi()
  const load = useCallback(() => get<OneEmail>(`emails/${id}`), [get, id])
  const mail = useLoaded(load)
  const [form, setForm] = useForm()
  return (
    <Page
      title={mail.value?.email.subject ?? 'E-mail'}
      words={mail.value ? titleOf(mail.value.email.kind) : 'One e-mail'}
      back={{ href: '#/settings/emails', label: 'E-mails' }}
    >
      <Here of={mail}>
        {one => (
          <>
            <Fate
              mail={one.email}
              onTried={state => mail.change(all => ({ ...all, email: { ...all.email, state } }))}
            />
            <dl className="mail-facts">
              <dt>To</dt>
              <dd>{one.email.to_name ? `${one.email.to_name}, ${one.email.to_address}` : one.email.to_address}</dd>
              <dt>Written</dt>
              <dd>
                <time dateTime={one.email.created_at}>{moment(one.email.created_at)}</time>
              </dd>
              {one.attachments.length > 0 && (
                <>
                  <dt>With it</dt>
                  <dd>{one.attachments.join(', ')}</dd>
                </>
              )}
            </dl>
            <Forms at={form} onChange={setForm} />
            {form === 'text' ? (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it
              <pre className="mail-plain" tabIndex={0}>
                {one.plain}
              </pre>
            ) : (
              <MailFrame title="The e-mail" width={form} src={`/pages/emails/${id}`} />
            )}
            {one.email.conversation && <a href={`#/c/${one.email.conversation}`}>Open the conversation</a>}
          </>
        )}
      </Here>
    </Page>
  )
}

function Fate({ mail, onTried }: { mail: EmailRow; onTried(state: EmailRow['state']): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const [asking, setAsking] = useState(false)
  const why = causeOf(mail)
  const retry = async (sure: boolean) => {
    setAsking(false)
    const answer = await saving.run(() => post<{ state: EmailRow['state'] }>(`emails/${mail.id}/retry`, { sure }))
    if (answer) onTried(answer.state)
  }
  return (
    <div className="mail-fate">
      <span className={`mail-state ${lookOf(mail.state)}`} role="status">
        {stateOf(mail.state)}
      </span>
      {why && <span className="soft">{why}</span>}
      {mail.sent_at && <time dateTime={mail.sent_at}>{moment(mail.sent_at)}</time>}
      {mayRetry(mail.state) && (
        <button
          type="button"
          className="button"
          onClick={() => (mail.state === 'unknown' ? setAsking(true) : void retry(false))}
        >
          {mail.state === 'held' ? 'Send it' : 'Send it again'}
        </button>
      )}
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
      {asking && (
        <Dialog title="Send it though it may have arrived?" onClose={() => setAsking(false)}>
          <p>
            The server was given this e-mail, and nobody read its answer. It may be in the reader’s mailbox already. If
            you can, ask them first, or look at your mail provider’s log. Sent again it keeps its id, so most mail
            programs show it once.
          </p>
          <div className="save-bar">
            <button type="button" className="button" onClick={() => setAsking(false)}>
              Leave it
            </button>
            <button type="button" className="button primary" onClick={() => void retry(true)}>
              Send it again
            </button>
          </div>
        </Dialog>
      )}
    </div>
  )
}
