/** What every page of the settings is made of: heading, blocks, fields, the states of loading and saving, a copy button. */
import {
  cloneElement,
  type FormEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'
import { Again, Back, CopyIcon, Done } from '../../design/icons'
import { Icon } from '../Icon'
import type { Resource, Saving } from './loading'

interface PageFrame {
  title: string
  /** One line: what this page is for. */
  words: ReactNode
  /** The page's one action, at the heading's right. */
  action?: ReactNode
  /** Where "back" leads; on a phone without it, to the list of pages. */
  back?: { href: string; label: string }
  children: ReactNode
}

export function Page({ title, words, action, back, children }: PageFrame) {
  const heading = useRef<HTMLHeadingElement>(null)
  // What led here may be gone with the page before; then the reading goes on at the heading.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <>
      <a className={`back-link ${back ? '' : 'phone-only'}`} href={back?.href ?? '#/settings'}>
        <Icon of={Back} size={16} /> {back?.label ?? 'Settings'}
      </a>
      <header className="settings-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          <p className="soft">{words}</p>
        </div>
        {action}
      </header>
      {children}
    </>
  )
}

/** A page's action: ask for what it shows anew. */
export function LookAgain({ onLook }: { onLook(): void }) {
  return (
    <button type="button" className="button" onClick={onLook}>
      <Icon of={Again} size={16} /> Look again
    </button>
  )
}

/** A titled part of a page, in a card. */
export function Block({ title, words, children }: { title: string; words?: ReactNode; children: ReactNode }) {
  return (
    <section className="block" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {words && <p className="soft small">{words}</p>}
      </header>
      {children}
    </section>
  )
}

interface FormFrame {
  onSend(data: FormData): void
  className?: string
  children: ReactNode
}

/** A form that the page sends; the browser's own checks come first. */
export function Form({ onSend, className = 'settings-form', children }: FormFrame) {
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onSend(new FormData(event.currentTarget))
  }
  return (
    <form className={className} onSubmit={send}>
      {children}
    </form>
  )
}

interface FieldFrame {
  label: string
  hint?: ReactNode
  /** The control. */
  children: ReactElement<{ 'aria-describedby'?: string }>
}

/** A label around its control, and a line of help under it that describes the control without being its name. */
export function Field({ label, hint, children }: FieldFrame) {
  const id = useId()
  return (
    <div className="form-field">
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the control is what it is given */}
      <label className="labelled">
        {label}
        {hint ? cloneElement(children, { 'aria-describedby': id }) : children}
      </label>
      {hint && (
        <span id={id} className="hint-line">
          {hint}
        </span>
      )}
    </div>
  )
}

interface SaveFrame {
  at: Saving
  label?: string
  disabled?: boolean
  /** Another way out: a "Cancel" in a dialog. */
  children?: ReactNode
}

/** The button that saves, and beside it what became of it. */
export function SaveBar({ at, label = 'Save', disabled = false, children }: SaveFrame) {
  return (
    <div className="save-bar">
      <button type="submit" className="button primary" disabled={disabled || at.state === 'saving'}>
        {at.state === 'saving' ? 'Saving…' : label}
      </button>
      {children}
      <Saved at={at} />
    </div>
  )
}

/** The button at the end of a list that goes on, and why it does not. */
export function Older({ cursor, at, more, children }: OlderProps) {
  return cursor ? (
    <div className="save-bar">
      <button type="button" className="button" disabled={at.state === 'saving'} onClick={() => void more(cursor)}>
        Show older
      </button>
      {children}
      {at.state === 'failed' && <Saved at={at} />}
    </div>
  ) : null
}

interface OlderProps {
  cursor: string | null | undefined
  at: Saving
  more: (cursor: string) => unknown
  children?: ReactNode
}

/** "Saved", or why not; said to a screen reader as well. */
export function Saved({ at }: { at: Saving }) {
  return (
    <>
      <span role="status" className="saved">
        {at.state === 'saved' && (
          <>
            <Icon of={Done} size={16} /> Saved
          </>
        )}
      </span>
      {at.state === 'failed' && (
        <p className="fault" role="alert">
          {at.why}
        </p>
      )}
    </>
  )
}

interface LoadedFrame<T> {
  of: Resource<T>
  /** What stands there where there is nothing: what will appear, and how. */
  empty?: { when(value: T): boolean; words: ReactNode }
  children(value: T): ReactNode
}

/** What was asked for; before that a skeleton, but only once the wait is felt (300 ms), or why it did not come. */
export function Here<T>({ of, empty, children }: LoadedFrame<T>) {
  if (of.value === null && of.why === null) return <Skeletons />
  return (
    <>
      {of.why !== null && (
        <div className="notice" role="alert">
          <p>{of.why}</p>
          <button type="button" className="button" onClick={of.again}>
            Try again
          </button>
        </div>
      )}
      {of.value !== null && (empty?.when(of.value) ? <div className="blank">{empty.words}</div> : children(of.value))}
    </>
  )
}

export function Skeletons() {
  return (
    <div className="late" role="status">
      <span className="unseen">Loading</span>
      <div className="skeleton" />
      <div className="skeleton" />
      <div className="skeleton" />
    </div>
  )
}

/** Something to take elsewhere: shown in full, copied by a button. */
export function Copyable({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState<boolean | null>(null)
  const box = useRef<HTMLElement>(null)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      // Without a secure address there is no clipboard: marked, it is one key away.
      if (box.current) getSelection()?.selectAllChildren(box.current)
      setCopied(false)
    }
  }
  return (
    <div className="copyable">
      <p className="copy-label">{label}</p>
      <div className="copy-box">
        <code ref={box}>{text}</code>
        <button type="button" className="button" onClick={() => void copy()}>
          <Icon of={copied ? Done : CopyIcon} size={16} /> {copied ? 'Copied' : 'Copy'}
          <span className="unseen">{label}</span>
        </button>
      </div>
      <span role="status" className="unseen">
        {copied && `${label} copied`}
      </span>
      {copied === false && <p className="hint-line">It is marked now: copy it with Ctrl C.</p>}
    </div>
  )
}
