/** A mail as its reader sees it: in a frame in which nothing runs, nothing is loaded and no link leads anywhere. */
import { useState } from 'react'

export const WIDTHS = { wide: 640, phone: 390 } as const
export type Width = keyof typeof WIDTHS

interface Props {
  title: string
  width: Width
  src?: string
  /** Where a form brings the page. */
  name?: string
}

export function MailFrame({ title, width, src, name }: Props) {
  return (
    <div className="mail-desk">
      <iframe
        className={`mail-frame ${width}`}
        title={title}
        sandbox=""
        {...(src && { src })}
        {...(name && { name })}
      />
    </div>
  )
}

export type Form = Width | 'text'
const FORMS: readonly (readonly [Form, string])[] = [
  ['wide', 'Wide'],
  ['phone', 'Phone'],
  ['text', 'Text'],
]

export function useForm(): [Form, (form: Form) => void] {
  return useState<Form>('wide')
}

export function Forms({ at, onChange }: { at: Form; onChange(form: Form): void }) {
  return (
    <fieldset className="mail-forms">
      <legend className="unseen">Look at it</legend>
      {FORMS.map(([form, words]) => (
        <button
          key={form}
          type="button"
          className="chip-button"
          aria-pressed={form === at}
          onClick={() => onChange(form)}
        >
          {words}
        </button>
      ))}
    </fieldset>
  )
}
