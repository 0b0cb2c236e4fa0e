/** "Move to ...": the columns that a lead may go to, by keys or by hand; giving one up asks why. */
import { useId, useRef, useState } from 'react'
import { Dialog } from '../Dialog'
import { Field, Form } from '../settings/frame'
import { type Card, nameOf, STATUS, type Status, WHY_NOT } from './leads'

interface Props {
  card: Card
  moves: readonly Status[]
  /** It was dropped there: only the reason is missing. */
  to: Status | null
  onMove(to: Status, why?: string): void
  onClose(): void
}

export function MoveDialog({ card, moves, to, onMove, onClose }: Props) {
  const [chosen, choose] = useState<Status | null>(to ?? moves[0] ?? null)
  const box = useRef<HTMLDivElement>(null)
  const words = useId()
  const close = () => box.current?.closest('dialog')?.close()
  const send = (data: FormData) => {
    if (!chosen) return
    onMove(chosen, String(data.get('why') ?? '').trim() || undefined)
    close()
  }
  const giveUp = chosen === 'disqualified'
  return (
    <Dialog title={to ? `Give up ${nameOf(card)}` : `Move ${nameOf(card)} to`} onClose={onClose}>
      <div ref={box}>
        <Form onSend={send}>
          {!to && (
            <fieldset className="choices" aria-label="Column">
              {moves.map((status, at) => (
                <label key={status} className="choice">
                  <input
                    type="radio"
                    name="to"
                    value={status}
                    autoFocus={at === 0}
                    checked={chosen === status}
                    onChange={() => choose(status)}
                  />
                  {STATUS[status]}
                </label>
              ))}
            </fieldset>
          )}
          {giveUp && (
            <Field label="Why does nothing come of it?" hint="For whoever looks at it again.">
              <input name="why" list={words} maxLength={200} required autoComplete="off" autoFocus={to !== null} />
            </Field>
          )}
          <datalist id={words}>
            {WHY_NOT.map(why => (
              <option key={why} value={why} />
            ))}
          </datalist>
          <div className="actions">
            <button type="button" className="button quiet" onClick={close}>
              Leave it
            </button>
            <button type="submit" className="button primary" disabled={!chosen}>
              {giveUp ? 'Give it up' : chosen ? `Move to ${STATUS[chosen]}` : 'Move'}
            </button>
          </div>
        </Form>
      </div>
    </Dialog>
  )
}
