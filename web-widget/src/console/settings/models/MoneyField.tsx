import { useState } from 'react'
import { read, write } from '../business/typed'
import { Field } from '../frame'

interface Props {
  label: string
  hint?: string
  cents: number | null
  /** `undefined` where the words are no amount. */
  onChange(cents: number | null | undefined): void
}

/** Dollars as they are typed; empty is no limit. */
export function MoneyField({ label, hint, cents, onChange }: Props) {
  const [typed, setTyped] = useState<{ words: string; cents: number | null | undefined }>({
    words: write('money', cents),
    cents,
  })
  // What came from elsewhere (a restored version) stands there, unless words that are no amount do.
  const words = typed.cents === undefined || typed.cents === cents ? typed.words : write('money', cents)
  const meant = words.trim() === '' ? null : read('money', words)
  const fault = meant !== null && 'fault' in meant ? meant.fault : undefined
  return (
    <Field label={label} hint={fault ?? hint}>
      <input
        inputMode="decimal"
        value={words}
        placeholder="no limit"
        aria-invalid={fault !== undefined}
        onChange={e => {
          const next = e.target.value
          const found = next.trim() === '' ? { value: null } : read('money', next)
          const value = 'fault' in found ? undefined : (found.value as number | null)
          setTyped({ words: next, cents: value })
          onChange(value)
        }}
      />
    </Field>
  )
}
