import { useCallback, useEffect, useState } from 'react'
import { Again } from '../../design/icons'
import { Dialog } from '../Dialog'
import { Icon } from '../Icon'
import { moment } from '../when'
import { Block, Here, Older, Saved } from './frame'
import { useLoaded, useLooking, useOlder, useSaving } from './loading'
import { useApi } from './session'
import { type Delivery, type DeliveryDetail, type DeliveryLog, outcome, STATES, took, type Webhook } from './webhooks'

const LOOK_AGAIN_MS = 2000

/** What was sent to a webhook in thirty days, the newest first. `sent` was sent just now by hand. */
export function Deliveries({ hook, sent }: { hook: Webhook; sent: Delivery | null }) {
  const { get } = useApi()
  const [open, setOpen] = useState<string | null>(null)
  const load = useCallback(() => get<DeliveryLog>(`webhooks/${hook.id}/deliveries`), [get, hook.id])
  const log = useLoaded(load)
  const { again } = log
  useEffect(() => {
    if (sent) again()
  }, [sent, again])
  // What waits will soon be known; the first page alone is asked for again, and only while somebody can see it.
  const soon = log.value?.items.some(one => one.state === 'waiting' && !one.last) ?? false
  useLooking(again, soon ? LOOK_AGAIN_MS : null)
  const older = useOlder(log, cursor => get<DeliveryLog>(`webhooks/${hook.id}/deliveries?cursor=${cursor}`))
  return (
    <Block title="Deliveries" words="Kept for 30 days. Each is tried for about a day, with growing pauses.">
      <Here
        of={log}
        empty={{
          when: page => page.items.length === 0,
          words: 'Nothing was sent yet. A test event shows whether it works.',
        }}
      >
        {page => (
          <>
            <ul className="deliveries">
              {page.items.map(one => (
                <li key={one.id}>
                  <button type="button" className="delivery" onClick={() => setOpen(one.id)}>
                    <span className={`dot-state ${one.state}`} aria-hidden="true" />
                    <span className="delivery-what">
                      <strong>{one.type}</strong>
                      <span className="soft small">{said(one)}</span>
                    </span>
                    <time className="soft small" dateTime={one.created_at}>
                      {moment(one.created_at)}
                    </time>
                  </button>
                </li>
              ))}
            </ul>
            <Older cursor={page.cursor} {...older} />
          </>
        )}
      </Here>
      {open && <Detail id={open} canSend={hook.on} onSent={again} onClose={() => setOpen(null)} />}
    </Block>
  )
}

function said(one: Delivery): string {
  const tries = one.attempts === 1 ? '1 try' : `${one.attempts} tries`
  const last = one.last ? `${outcome(one.last)}, ${tries}` : 'not tried yet'
  return `${STATES[one.state]}: ${last}${one.last && one.next_at ? `, again ${moment(one.next_at)}` : ''}`
}

interface DetailProps {
  id: string
  canSend: boolean
  onSent(): void
  onClose(): void
}

function Detail({ id, canSend, onSent, onClose }: DetailProps) {
  const { get, post } = useApi()
  const load = useCallback(() => get<DeliveryDetail>(`webhook-deliveries/${id}`), [get, id])
  const detail = useLoaded(load)
  const saving = useSaving()
  const send = async () => {
    const answer = await saving.run(() => post<DeliveryDetail>(`webhook-deliveries/${id}/redeliver`, {}))
    if (!answer) return
    detail.change(() => answer)
    onSent()
  }
  return (
    <Dialog title="Delivery" onClose={onClose}>
      <Here of={detail}>
        {({ delivery, payload, attempts }) => (
          <div className="delivery-detail">
            <p className="line">
              <strong>{delivery.type}</strong>{' '}
              <span className={`chip ${delivery.state}`}>{STATES[delivery.state]}</span>
            </p>
            <p className="soft small">
              webhook-id <code>{delivery.message_id}</code>
            </p>
            {attempts.length > 0 && (
              <ol className="tries">
                {attempts.map(one => (
                  <li key={one.number}>
                    <span className={one.error ? 'bad-word' : 'good-word'}>{outcome(one)}</span>
                    <span className="soft small">
                      {moment(one.at)}, {took(one.duration_ms)}
                    </span>
                  </li>
                ))}
              </ol>
            )}
            <section className="payload" aria-label="Payload">
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to */}
              <pre tabIndex={0}>{JSON.stringify(payload, null, 2)}</pre>
            </section>
          </div>
        )}
      </Here>
      <form method="dialog" className="actions">
        <Saved at={saving.at.state === 'saved' ? { state: 'idle' } : saving.at} />
        <button
          type="button"
          className="button"
          disabled={!canSend || saving.at.state === 'saving'}
          onClick={() => void send()}
        >
          <Icon of={Again} size={16} /> Send again
        </button>
        <button type="submit" className="button primary">
          Close
        </button>
      </form>
    </Dialog>
  )
}
