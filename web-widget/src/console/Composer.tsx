/** Where the team writes: to the customer or to each other, in clearly different colours. */
import { type KeyboardEvent, useContext, useEffect, useId, useRef, useState } from 'react'
import { NoteIcon, Send, Stop, Suggest } from '../design/icons'
import { type Canned, meant, slash } from '../protocol/canned'
import { NO_DRAFTS } from '../protocol/desk'
import { hopeless } from '../protocol/files'
import { mentioned } from '../protocol/mentions'
import { CannedContext, CannedList } from './Canned'
import { useChoice } from './choice'
import { useDropping } from './dropping'
import { AttachButton, Tray, usePlace } from './Files'
import { useClient, useDesk } from './hooks'
import { Icon } from './Icon'
import { ColleaguesContext, MentionList, useMentioning } from './Mentions'
import { Segments } from './Segments'
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
      <button type="button" className="button quiet" data-action="note" onClick={() => setNote(true)}>
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

  useEffect(
    () => () => {
      client.typing(id, false)
      client.stopDraft()
    },
    [client, id],
  )
  const drafting = useDesk(d => d.drafting?.conversation === id)
  const draftable = useDesk(d => d.draftable) && mine && !note
  const canned = useSlash(text, note, reply => {
    write(reply.text)
    box.current?.focus()
  })
  const mentioning = useMentioning(box, text, note, write)
  const offer = note ? mentioning : canned
  const colleagues = useContext(ColleaguesContext)
  const mode = (to: boolean) => {
    onNote(to)
    box.current?.focus()
  }

  const place = `${id} ${which}`
  const { files, underWay, carried, pick } = usePlace(place, box)
  const over = useDropping(box, '.thread', pick)
  const something = text.trim() !== '' || carried.length > 0 || underWay
  /** Told to send, before every file is there. */
  const [armed, setArmed] = useState<string | null>(null)

  const send = () => {
    if (!something) return
    if (underWay) return setArmed(place)
    client.typing(id, false)
    client.stopDraft()
    client.say(id, note ? 'note' : 'message', text.trim(), carried, note ? mentioned(text, colleagues) : [])
    client.store.dispatch({ type: 'files', action: { type: 'said', place } })
    write('')
    if (!mine) onNote(false)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the last file is there, or is not to come
  useEffect(() => {
    if (armed === null || (armed === place && underWay)) return
    setArmed(null)
    // What was meant as a note stays one: who changes the field sends anew.
    if (armed === place && !files.some(f => f.why && !hopeless(f))) send()
  }, [armed, place, underWay])
  const keys = (e: KeyboardEvent) => {
    if (offer.keys(e)) return
    if (e.key === 'Escape') box.current?.blur()
    if (e.key !== 'Enter' || e.shiftKey || e.nativeEvent.isComposing) return
    e.preventDefault()
    send()
  }
  return (
    <footer className={`composer ${which}`}>
      <div className="modes">
        {mine && (
          <button type="button" className="mode" data-action="reply" aria-pressed={!note} onClick={() => mode(false)}>
            Reply
          </button>
        )}
        <button type="button" className="mode note" data-action="note" aria-pressed={note} onClick={() => mode(true)}>
          <Icon of={NoteIcon} size={14} /> Note
        </button>
        {!mine && (
          <button type="button" className="mode" onClick={() => onNote(false)}>
            Cancel
          </button>
        )}
        {draftable && (
          <button
            type="button"
            className="mode"
            data-action="draft"
            title="What stands in the field tells the AI what to write. Nothing is sent."
            onClick={() => {
              if (drafting) client.stopDraft()
              else void client.draft(id)
              box.current?.focus()
            }}
          >
            <Icon of={drafting ? Stop : Suggest} size={14} /> {drafting ? 'Stop the draft' : 'AI draft'}
          </button>
        )}
        {canned.any && (text === '' || slash(text) !== null) && (
          <button
            type="button"
            className="mode"
            onMouseDown={e => e.preventDefault()}
            onClick={() => {
              canned.toggle(write)
              box.current?.focus()
            }}
          >
            / Saved replies
          </button>
        )}
        {note && colleagues.length > 1 && (
          <button type="button" className="mode" onMouseDown={e => e.preventDefault()} onClick={mentioning.begin}>
            @ Mention
          </button>
        )}
        {!note && <Segments id={id} text={text} />}
        <label className="unseen" htmlFor={field}>
          {note ? 'Note for staff' : 'Reply to the customer'}
        </label>
      </div>
      {canned.shown.length > 0 && (
        <CannedList id={canned.list} shown={canned.shown} at={canned.at} onChoose={canned.choose} />
      )}
      <Tray files={files} />
      {armed && (
        <p className="meta" role="status">
          Goes out as soon as the files are there
        </p>
      )}
      {over && <p className="drop">Drop pictures or PDF here</p>}
      {note && mentioning.shown.length > 0 && <MentionList mentioning={mentioning} />}
      <div className="field">
        <textarea
          id={field}
          aria-autocomplete={canned.any || note ? 'list' : undefined}
          aria-controls={offer.shown.length ? offer.list : undefined}
          aria-activedescendant={offer.shown.length ? `${offer.list}-${offer.at}` : undefined}
          ref={box}
          rows={1}
          maxLength={MAX}
          value={text}
          placeholder={note ? 'A note that only staff see…' : 'Write to the customer…'}
          onChange={e => {
            // Whoever writes has the word.
            if (!note) client.stopDraft()
            write(e.target.value)
            mentioning.moved()
            if (!note) client.typing(id, e.target.value !== '')
          }}
          onBlur={() => client.typing(id, false)}
          onSelect={mentioning.moved}
          onKeyDown={keys}
        />
        <AttachButton onPick={pick} />
        <button
          type="button"
          className={`send ${which}`}
          disabled={!something || armed !== null}
          onClick={send}
          aria-label={note ? 'Save note' : 'Send'}
        >
          <Icon of={Send} size={18} />
        </button>
      </div>
    </footer>
  )
}

/** The saved replies that a slash at the beginning asks for. */
function useSlash(text: string, note: boolean, choose: (reply: Canned) => void) {
  const all = useContext(CannedContext)
  const letters = note ? null : slash(text)
  const choice = useChoice(letters, given => meant(all, given), choose)
  const toggle = (write: (text: string) => void) => write(letters === null ? '/' : '')
  return { ...choice, any: all.length > 0 && !note, choose, toggle }
}
