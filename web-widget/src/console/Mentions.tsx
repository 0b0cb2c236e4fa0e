/** Colleagues by `@`: the picker of a note, the names in it, and where one is mentioned oneself. */
import { createContext, type RefObject, useContext, useEffect, useState } from 'react'
import { asked, chosen, meant, type Person, pieces } from '../protocol/mentions'
import { type Choice, useChoice } from './choice'
import { useDesk } from './hooks'

/** Everybody who works here; empty until the gateway has said so. */
export const ColleaguesContext = createContext<readonly Person[]>([])

export interface Mentioning extends Choice<Person> {
  choose(person: Person): void
  /** By touch: an `@` where the cursor is. */
  begin(): void
  /** The cursor has moved. */
  moved(): void
}

export function useMentioning(
  box: RefObject<HTMLTextAreaElement | null>,
  text: string,
  note: boolean,
  write: (text: string) => void,
): Mentioning {
  const me = useDesk(d => d.me.id)
  const others = useContext(ColleaguesContext).filter(person => person.id !== me)
  const [cursor, setCursor] = useState(0)
  const [wanted, setWanted] = useState<number | null>(null)
  useEffect(() => {
    // The field has its new text: now the cursor can go where it belongs.
    if (wanted === null) return
    box.current?.focus()
    box.current?.setSelectionRange(wanted, wanted)
    setCursor(wanted)
    setWanted(null)
  }, [box, wanted])
  const choose = (person: Person) => {
    const next = chosen(text, cursor, person)
    write(next.text)
    setWanted(next.cursor)
  }
  const letters = note && others.length ? asked(text, Math.min(cursor, text.length)) : null
  const choice = useChoice(letters, given => meant(given, others), choose)
  return {
    ...choice,
    choose,
    begin() {
      const at = box.current?.selectionStart ?? text.length
      const space = at === 0 || /\s$/.test(text.slice(0, at)) ? '' : ' '
      write(`${text.slice(0, at)}${space}@${text.slice(at)}`)
      setWanted(at + space.length + 1)
    },
    moved: () => setCursor(box.current?.selectionStart ?? 0),
  }
}

interface PickerProps {
  mentioning: Mentioning
}

export function MentionList({ mentioning: { list, shown, at, choose } }: PickerProps) {
  return (
    <div id={list} role="listbox" aria-label="Colleagues" className="options canned">
      {shown.map((person, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field keeps the focus and the keys
        <div
          key={person.id}
          id={`${list}-${i}`}
          role="option"
          className="option"
          aria-selected={i === at}
          onMouseDown={e => e.preventDefault()}
          onClick={() => choose(person)}
        >
          <span className="option-label">
            <strong>@{person.name}</strong>
          </span>
        </div>
      ))}
    </div>
  )
}

/** A note's words, with everybody who is named in it. */
export function NoteText({ text, people }: { text: string; people: readonly Person[] }) {
  const me = useDesk(d => d.me.id)
  return (
    <p className="plain">
      {pieces(text, people).map((piece, i) =>
        piece.staff ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text stand still
          <mark key={i} className={piece.staff === me ? 'mention me' : 'mention'}>
            {piece.text}
          </mark>
        ) : (
          piece.text
        ),
      )}
    </p>
  )
}

/** Above the inbox: who called, and where. */
export function MentionedHere({ onOpen }: { onOpen(conversation: string): void }) {
  const mentions = useDesk(d => d.mentions)
  const rows = useDesk(d => d.rows)
  if (mentions.length === 0) return null
  return (
    <ul className="mentioned" aria-label="Mentions of you">
      {mentions.slice(0, 3).map(m => (
        <li key={m.conversation}>
          <button type="button" className="mentioned-row" onClick={() => onOpen(m.conversation)}>
            <strong>@</strong>
            <span>
              {m.by} mentioned you · {rows[m.conversation]?.customer || 'Visitor'}
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}
