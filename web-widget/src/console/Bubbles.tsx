/** What was said, from the team's side: the customer left, everyone else right, notes on amber. */
import { memo, useLayoutEffect, useRef } from 'react'
import { Alert, NoteIcon } from '../design/icons'
import type { Outgoing } from '../protocol/outbox'
import type { Reply } from '../protocol/thread'
import type { Message, StaffEvent } from '../protocol/wire'
import { Markdown } from '../text/markdown'
import { Sent } from './Files'
import { useClient, useDesk } from './hooks'
import { Icon } from './Icon'
import { NoteText } from './Mentions'
import { Sources } from './Sources'
import { TextMark } from './TextMark'
import { time } from './when'

export const MessageBubble = memo(function MessageBubble({
  message,
  customer,
  at,
  first,
}: {
  message: Message
  /** What the team calls the customer. */
  customer: string
  at: string
  first: boolean
}) {
  const kind = message.author.kind
  if (kind === 'system')
    return (
      <>
        <p className="system">
          {message.text} <time dateTime={at}>{time(at)}</time>
        </p>
        <TextMark message={message} />
      </>
    )
  const name = kind === 'customer' ? customer : message.author.name || 'AI'
  return (
    <div className={`said ${kind === 'customer' ? 'left' : 'right'} ${first ? 'first' : ''}`}>
      {first && (
        <p className={`byline ${kind}`}>
          {name} <time dateTime={at}>{time(at)}</time>
        </p>
      )}
      <Sent files={message.attachments} />
      {!(message.attachments && message.text === '') && (
        <div className={`bubble ${kind}`}>
          <Text text={message.text} done markdown={message.format === 'markdown'} />
          {message.interrupted && <p className="interrupted">interrupted</p>}
        </div>
      )}
      {message.sources?.length ? <Sources of={message.sources} /> : null}
      <TextMark message={message} />
    </div>
  )
})

type Note = Extract<StaffEvent, { kind: 'note' }>

export function ReplyBubble({ reply }: { reply: Reply }) {
  return (
    <div className="said right first">
      <p className="byline ai">{reply.restarted ? 'Assistant, trying again' : 'Assistant'}</p>
      {reply.text === '' ? (
        <p className="stage">{reply.stage ?? 'Thinking…'}</p>
      ) : (
        <div className="bubble ai streaming">
          <Text text={reply.text} done={false} markdown />
        </div>
      )}
    </div>
  )
}

export const NoteBubble = memo(function NoteBubble({ note, at }: { note: Note; at: string }) {
  const { author, text, attachments } = note
  return (
    <div className="said right first">
      <p className="byline">
        {author.name} <time dateTime={at}>{time(at)}</time>
      </p>
      <div className="bubble note">
        <p className="note-mark">
          <Icon of={NoteIcon} size={14} /> Note, staff only
        </p>
        {text && <NoteText text={text} people={(note.mentions ?? []).map(m => ({ id: m.staff, name: m.name }))} />}
        <Sent files={attachments} />
      </div>
    </div>
  )
})

export function OutgoingBubble({ outgoing, first }: { outgoing: Outgoing; first: boolean }) {
  const down = useDesk(d => d.link.state !== 'up')
  const { kind, state, text, attachments, error } = outgoing
  const status =
    state === 'acked' ? 'Sent' : down ? 'Sent when the connection is back' : error ? 'In a moment' : 'Sending…'
  return (
    <div className={`said right ${first ? 'first' : ''}`}>
      <Sent files={attachments} />
      {text && (
        <div className={`bubble ${kind === 'note' ? 'note' : 'human'} ${state === 'acked' ? '' : 'unsent'}`}>
          <p className="plain">{text}</p>
        </div>
      )}
      {state === 'failed' ? <Failed outgoing={outgoing} /> : <p className="meta">{status}</p>}
    </div>
  )
}

function Failed({ outgoing }: { outgoing: Outgoing }) {
  const client = useClient()
  const { error } = outgoing
  const why =
    error?.code === 'stale'
      ? 'Somebody changed who answers here before this went out. Look, then send again.'
      : error?.code === 'not_allowed'
        ? 'The AI is answering now. Take over, then send again.'
        : (error?.message ?? '')
  return (
    <p className="meta failed">
      <Icon of={Alert} size={14} /> Not sent. {why}
      <button type="button" className="link" onClick={() => client.retry(outgoing)}>
        Send again
      </button>
      <button type="button" className="link" onClick={() => client.discard(outgoing.id)}>
        Remove
      </button>
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
  if (!markdown) return <p className="plain">{text}</p>
  return <div ref={root} className="text" />
}
