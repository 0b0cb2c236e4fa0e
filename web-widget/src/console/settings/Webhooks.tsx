import { useCallback, useState } from 'react'
import { AddIcon, Onward } from '../../design/icons'
import { Dialog } from '../Dialog'
import { Icon } from '../Icon'
import { moment } from '../when'
import { Copyable, Here, Page } from './frame'
import { useLoaded } from './loading'
import type { PageProps } from './registry'
import { useApi } from './session'
import { WebhookForm } from './WebhookForm'
import { WebhookPage } from './WebhookPage'
import { eventsLine, health, type Webhook } from './webhooks'
import './webhooks.css'

export interface Hooks {
  items: Webhook[]
  events: string[]
}

/** Who is told of events: the list, or one of them with its delivery log. */
export default function Webhooks({ item }: PageProps) {
  const { get } = useApi()
  const load = useCallback(() => get<Hooks>('webhooks'), [get])
  const hooks = useLoaded(load)
  if (item === null) return <List hooks={hooks} />
  const back = { href: '#/settings/webhooks', label: 'Webhooks' }
  const put = (change: (items: Webhook[]) => Webhook[]) => hooks.change(all => ({ ...all, items: change(all.items) }))
  return (
    <Here of={hooks}>
      {all => {
        const hook = all.items.find(one => one.id === item)
        if (!hook) {
          return (
            <Page title="There is no such webhook" words="It was deleted." back={back}>
              {null}
            </Page>
          )
        }
        return (
          <WebhookPage
            key={hook.id}
            hook={hook}
            events={all.events}
            back={back}
            onChanged={one => put(items => items.map(other => (other.id === one.id ? one : other)))}
            onDeleted={() => {
              put(items => items.filter(other => other.id !== hook.id))
              location.hash = back.href
            }}
          />
        )
      }}
    </Here>
  )
}

function List({ hooks }: { hooks: ReturnType<typeof useLoaded<Hooks>> }) {
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<Webhook | null>(null)
  return (
    <Page
      title="Webhooks"
      words="Your own programs hear of conversations, handoffs and messages as they happen."
      action={
        <button type="button" className="button primary" onClick={() => setAdding(true)}>
          <Icon of={AddIcon} size={16} /> Add a webhook
        </button>
      }
    >
      <Here
        of={hooks}
        empty={{
          when: all => all.items.length === 0,
          words: 'Add the address of your program. Each event is posted to it, signed, and tried again for a day.',
        }}
      >
        {all => (
          <ul className="hooks">
            {all.items.map(hook => (
              <Row key={hook.id} hook={hook} all={all.events.length} />
            ))}
          </ul>
        )}
      </Here>
      {adding && (
        <Dialog title="Add a webhook" onClose={() => setAdding(false)}>
          <WebhookForm
            events={hooks.value?.events ?? []}
            onDone={hook => {
              setAdding(false)
              setMade(hook)
              hooks.again()
            }}
          />
        </Dialog>
      )}
      {made && <SecretDialog hook={made} onClose={() => setMade(null)} />}
    </Page>
  )
}

function Row({ hook, all }: { hook: Webhook; all: number }) {
  const { word, line, bad } = health(hook, moment)
  return (
    <li>
      <a className="hook-row" href={`#/settings/webhooks/${hook.id}`}>
        <span className="hook-what">
          <strong>{hook.description || hook.url}</strong>
          {hook.description && <span className="soft small hook-url">{hook.url}</span>}
          <span className="soft small">{line || eventsLine(hook, all)}</span>
        </span>
        <span className={`chip ${bad ? 'bad' : ''}`}>{word}</span>
        <Icon of={Onward} size={16} />
      </a>
    </li>
  )
}

/** A secret that was just made: nobody can look at it again. */
export function SecretDialog({ hook, onClose }: { hook: Webhook; onClose(): void }) {
  return (
    <Dialog title="The signing secret" onClose={onClose}>
      <p className="soft">
        Give it to the program that receives: it proves that an event came from here. It is shown once, here and now.
      </p>
      <div className="copies">
        <Copyable label="Signing secret" text={hook.secret ?? ''} />
      </div>
      <form method="dialog" className="actions">
        <button type="submit" className="button primary">
          I have kept it
        </button>
      </form>
    </Dialog>
  )
}
