/** The question before something that cannot be taken back, or that costs: what would happen, and two ways out of it. */
import type { ReactNode } from 'react'
import { Dialog } from './Dialog'
import { Saved } from './settings/frame'
import type { Saving } from './settings/loading'

interface Props {
  title: string
  /** What is done, as its button says it. */
  deed: string
  /** It takes something away. */
  danger?: boolean
  /** What the button says that leaves all as it is. */
  leave?: string
  /** At the bottom of a phone, in the thumb's reach. */
  sheet?: boolean
  /** How the deed goes, where the gateway is asked for it. */
  at?: Saving
  onSure(): void
  onClose(): void
  /** What would happen. */
  children: ReactNode
}

export function Sure({ title, deed, danger = false, leave = 'Leave it', sheet, at, onSure, onClose, children }: Props) {
  return (
    <Dialog title={title} sheet={sheet} onClose={onClose}>
      {children}
      {at?.state === 'failed' && <Saved at={at} />}
      <form method="dialog" className="actions">
        <button type="submit" className="button">
          {leave}
        </button>
        <button
          type="button"
          className={`button ${danger ? 'danger' : 'primary'}`}
          disabled={at?.state === 'saving'}
          onClick={onSure}
        >
          {deed}
        </button>
      </form>
    </Dialog>
  )
}
