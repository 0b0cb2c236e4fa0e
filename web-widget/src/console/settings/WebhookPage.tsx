import { useState } from 'react'
import { Sure } from '../Sure'
import { moment } from '../when'
import { Deliveries } from './Deliveries'
import { Block, Page, Saved } from './frame'
import { useSaving } from './loading'
import { useApi } from './session'
import { WebhookForm } from './WebhookForm'
import { SecretDialog } from './Webhooks'
import { type Delivery, type DeliveryDetail, health, type Webhook } from './webhooks'

interface Props {
  hook: Webhook
  events: readonly string[]
  back: { href: string; label: string }
  onChanged(hook: Webhook): void
  onDeleted(): void
}

/** One webhook: whether it works, what it was sent, where it goes. */
export function WebhookPage({ hook, events, back, onChanged, onDeleted }: Props) {
  const { post, patch } = useApi()
  const saving = useSaving()
  const [sent, setSent] = useState<Delivery | null>(null)
  const { line, bad } = health(hook, moment)
  const busy = saving.at.state === 'saving'
  const test = async () => {
    const told = await saving.run(() => post<DeliveryDetail>(`webhooks/${hook.id}/test`, {}))
    if (told) setSent(told.delivery)
  }
  const turn = async (on: boolean) => {
    const answer = await saving.run(() => patch<Webhook>(`webhooks/${hook.id}`, { on }))
    if (answer) onChanged(answer)
  }
  return (
    <Page
      title={hook.description || 'Webhook'}
      words={hook.url}
      back={back}
      action={
        <div className="actions start">
          <button type="button" className="button" disabled={busy} onClick={() => void turn(!hook.on)}>
            {hook.on ? 'Switch off' : 'Switch on'}
          </button>
          <button type="button" className="button primary" disabled={busy || !hook.on} onClick={() => void test()}>
            Send a test event
          </button>
        </div>
      }
    >
      {line && (
        <p className={bad ? 'fault' : 'soft'} role="status">
          {line}
        </p>
      )}
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
      <Deliveries hook={hook} sent={sent} />
      <Block title="Address and events">
        <WebhookForm events={events} hook={hook} onDone={onChanged} />
      </Block>
      <Secret hook={hook} onChanged={onChanged} />
      <Delete hook={hook} onDeleted={onDeleted} />
    </Page>
  )
}

function Secret({ hook, onChanged }: { hook: Webhook; onChanged(hook: Webhook): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const [made, setMade] = useState<Webhook | null>(null)
  const overlaps = hook.previous_until !== undefined && Date.parse(hook.previous_until) > Date.now()
  const rotate = async () => {
    const answer = await saving.run(() => post<Webhook>(`webhooks/${hook.id}/rotate`, {}))
    if (!answer) return
    const { secret: _, ...kept } = answer
    onChanged(kept)
    setMade(answer)
  }
  return (
    <Block
      title="Signing secret"
      words="With a new secret the old one goes on signing beside it for 24 hours, so that no event is refused meanwhile."
    >
      <div className="save-bar">
        <button type="button" className="button" disabled={saving.at.state === 'saving'} onClick={() => void rotate()}>
          Make a new secret
        </button>
        {overlaps && <span className="soft small">The old one signs until {moment(hook.previous_until ?? '')}.</span>}
        {saving.at.state === 'failed' && <Saved at={saving.at} />}
      </div>
      {made && <SecretDialog hook={made} onClose={() => setMade(null)} />}
    </Block>
  )
}

function Delete({ hook, onDeleted }: { hook: Webhook; onDeleted(): void }) {
  const { remove } = useApi()
  const saving = useSaving()
  const [asking, setAsking] = useState(false)
  const drop = async () => {
    if (await saving.run(() => remove(`webhooks/${hook.id}`))) onDeleted()
  }
  return (
    <div className="save-bar">
      <button type="button" className="button danger" onClick={() => setAsking(true)}>
        Delete this webhook
      </button>
      {asking && (
        <Sure
          title="Delete this webhook?"
          deed="Delete"
          danger
          leave="Keep it"
          at={saving.at}
          onSure={() => void drop()}
          onClose={() => setAsking(false)}
        >
          <p className="soft">Its delivery log goes too, and what waits is not sent. To pause it, switch it off.</p>
        </Sure>
      )}
    </div>
  )
}
