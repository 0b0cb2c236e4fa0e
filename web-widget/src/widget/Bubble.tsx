/** One thing said: by the customer, by the assistant, by a person; or on its way in either direction. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Alert, Done, Down, SeenIcon, Up } from '../design/icons'
import type { Line } from '../protocol/lines'
import type { Outgoing } from '../protocol/outbox'
import type { Reply } from '../protocol/thread'
import type { Message } from '../protocol/wire'
import { Markdown } from '../text/markdown'
import { Sent } from './Files'
import { useFixed, useShared } from './hooks'
import { Icon } from './Icon'
import { timeLabel } from './when'

export function Bubble({ line, last }: { line: Extract<Line, { kind: 'message' }>; last: boolean }) {
  const { message, at, seq, first } = line
  const kind = message.author.kind
  if (kind === 'system') return <p class="system">{message.text}</p>
  if (kind === 'customer')
    return (
      <div class={`row mine ${first ? 'first' : ''}`}>
        <Sent files={message.attachments} />
        {message.text && <div class="bubble own">{message.text}</div>}
        {last && <OwnStatus at={at} seq={seq} />}
      </div>
    )
  return (
    <div class={`row theirs ${first ? 'first' : ''} ${last ? 'last' : ''}`}>
      {first && kind === 'human' && <span class="name">{message.author.name}</span>}
      <Sent files={message.attachments} />
      {!(message.attachments && message.text === '') && (
        <div class={`bubble ${kind}`}>
          <Text text={message.text} done markdown={message.format === 'markdown'} />
          {message.interrupted && <Interrupted />}
        </div>
      )}
      <Sources message={message} />
      {kind === 'ai' && <Thumbs message={message.id} />}
    </div>
  )
}

export function ReplyBubble({ reply }: { reply: Reply }) {
  const { t } = useFixed()
  if (reply.text === '') return <p class="stage">{reply.stage ?? t.thinking}</p>
  return (
    <div class="row theirs first last">
      <div class="bubble ai streaming">
        <Text text={reply.text} done={false} markdown />
      </div>
      {reply.stage && <p class="stage">{reply.stage}</p>}
    </div>
  )
}

export function OutgoingBubble({ outgoing, first }: { outgoing: Outgoing; first: boolean }) {
  const { client, t } = useFixed()
  const { id, text, attachments, state, error } = outgoing
  return (
    <div class={`row mine ${first ? 'first' : ''}`}>
      <Sent files={attachments} />
      {text && <div class={`bubble own ${state === 'acked' ? '' : 'unsent'}`}>{text}</div>}
      {state === 'failed' ? (
        <p class="meta failed">
          <Icon of={Alert} size={14} />
          <span>
            {t.notSent} {error?.message}
          </span>
          <button type="button" class="link" onClick={() => client.retry(id)}>
            {t.retry}
          </button>
          <button type="button" class="link" onClick={() => client.discard(id)}>
            {t.discard}
          </button>
        </p>
      ) : (
        <OutgoingStatus outgoing={outgoing} />
      )}
    </div>
  )
}

function OutgoingStatus({ outgoing }: { outgoing: Outgoing }) {
  const { state, t } = useShared()
  if (outgoing.state === 'acked') return <p class="meta">{t.sent}</p>
  if (state.link.state === 'down') return <p class="meta">{t.waiting}</p>
  return <p class="meta">{outgoing.error ? t.soon : t.sending}</p>
}

function OwnStatus({ at, seq }: { at: string; seq: number }) {
  const { state, t, language } = useShared()
  const seen = seq <= state.readUpTo
  return (
    <p class="meta">
      {timeLabel(at, language)} · <Icon of={seen ? SeenIcon : Done} size={14} /> {seen ? t.seen : t.delivered}
    </p>
  )
}

function Text({ text, done, markdown }: { text: string; done: boolean; markdown: boolean }) {
  const root = useRef<HTMLDivElement>(null)
  const writer = useRef<Markdown | null>(null)
  useLayoutEffect(() => {
    if (!markdown || !root.current) return
    writer.current ??= new Markdown(root.current)
    writer.current.show(text, done)
  }, [text, done, markdown])
  if (!markdown) return <div class="text plain-text">{text}</div>
  return <div ref={root} class="text" />
}

function Interrupted() {
  const { t } = useFixed()
  return <p class="interrupted">{t.interrupted}</p>
}

function Sources({ message }: { message: Message }) {
  const { cite, language, t } = useFixed()
  if (!message.sources?.length) return null
  return (
    <p class="sources">
      {t.from}
      {message.sources.map(one => (
        <button key={one.id} type="button" onClick={e => cite?.(one, e.currentTarget, language)}>
          {one.title}
        </button>
      ))}
    </p>
  )
}

function Thumbs({ message }: { message: string }) {
  const { client, t } = useFixed()
  const [given, setGiven] = useState(client.store.get().feedback[message])
  const thumb = (value: 'up' | 'down') => (
    <button
      type="button"
      class="thumb"
      aria-pressed={given === value}
      aria-label={value === 'up' ? t.up : t.down}
      title={value === 'up' ? t.up : t.down}
      onClick={() => {
        setGiven(value)
        void client.feedback(message, value)
      }}
    >
      <Icon of={value === 'up' ? Up : Down} size={15} />
    </button>
  )
  return (
    <div class={`thumbs ${given ? 'given' : ''}`}>
      {thumb('up')}
      {thumb('down')}
      {given && <span class="meta">{t.thanks}</span>}
    </div>
  )
}
