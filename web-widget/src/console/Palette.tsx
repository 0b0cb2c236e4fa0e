/** The command bar: actions and conversations by a few letters of their names. */
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { Row } from '../protocol/wire'
import { asNumber, found } from '../text/fuzzy'
import { plain } from '../text/sentences'
import { useDesk } from './hooks'
import { ACTIONS, act, can } from './keys'
import type { View } from './route'
import { pagesFor } from './settings/registry'

const SHOWN = 9
const MATCHED = 24

interface Entry {
  id: string
  label: string
  hint: string
  run(): void
}

interface Props {
  onGo(view: View, page?: string): void
  onOpen(conversation: string): void
  onHelp(): void
  onAsk(): void
  onLeave(): void
  onClose(): void
}

export function Palette({ onGo, onOpen, onHelp, onAsk, onLeave, onClose }: Props) {
  const rows = useDesk(d => d.rows)
  const role = useDesk(d => d.me.role)
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const box = useRef<HTMLDialogElement>(null)
  const after = useRef<(() => void) | null>(null)
  const list = useId()
  // What can be done is what had a button when the bar was opened.
  const [actions] = useState(() => ACTIONS.filter(a => can(a.action)))
  useEffect(() => {
    box.current?.showModal()
  }, [])
  const all = useMemo<Entry[]>(
    () => [
      ...actions.map(a => ({ id: a.action, label: a.label, hint: a.key, run: () => act(a.action) })),
      { id: 'inbox', label: 'Go to the inbox', hint: '', run: () => onGo('inbox') },
      { id: 'live', label: 'Go to the live wall', hint: '', run: () => onGo('live') },
      { id: 'handoffs', label: 'Go to handoffs', hint: '', run: () => onGo('handoffs') },
      { id: 'calendar', label: 'Go to the calendar', hint: '', run: () => onGo('calendar') },
      { id: 'leads', label: 'Go to leads', hint: '', run: () => onGo('leads') },
      { id: 'complaints', label: 'Go to complaints', hint: '', run: () => onGo('complaints') },
      { id: 'payments', label: 'Go to payments', hint: '', run: () => onGo('payments') },
      { id: 'knowledge', label: 'Go to knowledge', hint: '', run: () => onGo('knowledge') },
      { id: 'campaigns', label: 'Go to campaigns', hint: '', run: () => onGo('campaigns') },
      { id: 'settings', label: 'Go to the settings', hint: ',', run: () => onGo('settings') },
      ...pagesFor(role).map(page => ({
        id: `settings-${page.id}`,
        label: `Settings: ${page.title}`,
        hint: '',
        run: () => onGo('settings', page.id),
      })),
      { id: 'ask', label: 'Ask the assistant', hint: 'q', run: onAsk },
      { id: 'help', label: 'Show the keys', hint: '?', run: onHelp },
      { id: 'leave', label: 'Sign out', hint: '', run: onLeave },
      ...Object.values(rows).map(row => ({
        id: row.id,
        label: `${row.customer || 'Visitor'} · ${plain(row.preview)}`,
        hint: ownerOf(row),
        run: () => onOpen(row.id),
      })),
    ],
    [actions, rows, role, onGo, onOpen, onHelp, onAsk, onLeave],
  )
  // Letters in order hit any long sentence: of what was said, only the beginning of the label counts.
  const shown = found(asNumber(query), all, e => e.label.slice(0, MATCHED)).slice(0, SHOWN)
  const chosen = shown[Math.min(at, shown.length - 1)]
  const choose = (entry: Entry | undefined) => {
    if (!entry) return
    after.current = entry.run
    box.current?.close()
  }
  const keys = (e: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key]
    if (!step && e.key !== 'Enter') return
    e.preventDefault()
    if (step) setAt((Math.min(at, shown.length - 1) + step + shown.length) % Math.max(shown.length, 1))
    else if (!e.nativeEvent.isComposing) choose(chosen)
  }
  return (
    <dialog
      ref={box}
      className="dialog palette"
      aria-label="Command bar"
      onClose={() => {
        onClose()
        // The focus is back where it was; now the action may move it.
        after.current?.()
      }}
      onClick={e => e.target === box.current && box.current.close()}
      onKeyDown={keys}
    >
      <input
        role="combobox"
        aria-label="Do something, or find a conversation"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={chosen ? `${list}-${chosen.id}` : undefined}
        aria-autocomplete="list"
        placeholder="Do something, or find a conversation…"
        value={query}
        onChange={e => {
          setQuery(e.target.value)
          setAt(0)
        }}
      />
      <div id={list} role="listbox" aria-label="What was found" className="options">
        {shown.map(entry => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field keeps the focus and the keys
          <div
            key={entry.id}
            id={`${list}-${entry.id}`}
            role="option"
            className="option"
            aria-selected={entry === chosen}
            onClick={() => choose(entry)}
          >
            <span className="option-label">{entry.label}</span>
            {entry.hint && <span className="small hint">{entry.hint}</span>}
          </div>
        ))}
      </div>
      {shown.length === 0 && <p className="soft none">Nothing has these letters.</p>}
    </dialog>
  )
}

function ownerOf(row: Row): string {
  if (row.state === 'closed') return 'Resolved'
  return { ai: 'AI', queue: 'Waiting', human: 'Person' }[row.owner]
}
