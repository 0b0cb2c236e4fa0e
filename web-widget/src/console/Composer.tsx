/** Where the team writes: to the customer or to each other, in clearly different colours. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { NoteIcon, Send } from '../design/icons'
import { NO_DRAFTS } from '../protocol/desk'
import { useClient, useDesk } from './hooks'
import { Icon } from './Icon'
import type { Stand } from './Thread'

const MAX = 4000

interface Props {
  id: string
  stand: Stand
  colleague: string
  onTake(): void
}

export function Composer({ id, stand, colleague, onTake }: Props) {
  const [note, setNote] = useState(false)
  const mine = stand === 'mine'
  const was = useRef(stand)
  useEffect(() => {
    // A takeover leads straight to the reply; losing the conversation must not turn a reply into a note.
    if (was.current !== stand) setNote(false)
    was.current = stand
  }, [stand])
  if (mine || note) return <Writer id={id} note={note} mine={mine} onNote={setNote} />
  const text = {
    ai: 'AI is answering.',
    queue: 'The customer waits for a person.',
    theirs: `${colleague} is answering.`,
    closed: 'Resolved. A new message of the customer opens it again.',
    mine: '',
  }[stand]
  return (
    <footer className="composer bar">
      <p>{text}</p>
      {stand !== 'closed' && (
        <button type="button" className="button take-bar" onClick={onTake}>
          Take over <kbd>t</kbd>
        </button>
      )}
      <button type="button" className="button quiet" onClick={() => setNote(true)}>
        <Icon of={NoteIcon} size={15} /> Note
      </button>
    </footer>
  )
}

interface WriterProps {
  id: string
  note: boolean
  mine: boolean
  onNote(note: boolean): void
}

function Writer({ id, note, mine, onNote }: WriterProps) {
  const client = useClient()
  const box = useRef<HTMLTextAreaElement>(null)
  const field = useId()
  const which = note ? 'note' : 'reply'
  const text = useDesk(d => d.drafts[id] ?? NO_DRAFTS)[which]
  const write = (draft: string) => client.store.dispatch({ type: 'draft', conversation: id, which, text: draft })

  // biome-ignore lint/correctness/useExhaustiveDependencies: the cursor goes where the choice leads
  useEffect(() => box.current?.focus(), [note])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useEffect(() => {
    const el = box.current
    if (!el) return
    el.style.height = 'auto'
    el.style.height = `${Math.min(el.scrollHeight, 180)}px`
  }, [text])

  useEffect(() => () => client.typing(id, false), [client, id])

  const send = () => {
    if (!text.trim()) return
    client.typing(id, false)
    client.say(id, note ? 'note' : 'message', text.trim())
    write('')
    if (!mine) onNote(false)
  }
  const keys = (e: KeyboardEvent) => {
    if (e.key === 'Escape') box.current?.blur()
    if (e.key !== 'Enter' || e.shiftKey || e.nativeEvent.isComposing) return
    e.preventDefault()
    send()
  }
  return (
    <footer className={`composer ${which}`}>
      <div className="modes">
        {mine && (
          <button type="button" className="mode" aria-pressed={!note} onClick={() => onNote(false)}>
            Reply
          </button>
        )}
        <button type="button" className="mode note" aria-pressed={note} onClick={() => onNote(true)}>
          <Icon of={NoteIcon} size={14} /> Note
        </button>
        {!mine && (
          <button type="button" className="mode" onClick={() => onNote(false)}>
            Cancel
          </button>
        )}
        <label className="unseen" htmlFor={field}>
          {note ? 'Note for staff' : 'Reply to the customer'}
        </label>
      </div>
      <div className="field">
        <textarea
          id={field}
          ref={box}
          rows={1}
          maxLength={MAX}
          value={text}
          placeholder={note ? 'A note that only staff see…' : 'Write to the customer…'}
          onChange={e => {
            write(e.target.value)
            if (!note) client.typing(id, e.target.value !== '')
          }}
          onBlur={() => client.typing(id, false)}
          onKeyDown={keys}
        />
        <button
          type="button"
          className={`send ${which}`}
          disabled={!text.trim()}
          onClick={send}
          aria-label={note ? 'Save note' : 'Send'}
        >
          <Icon of={Send} size={18} />
        </button>
      </div>
    </footer>
  )
}
