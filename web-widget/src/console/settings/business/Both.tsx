import { SavedFirst } from '../SavedFirst'
import { Differences } from './History'
import type { Faster } from './profile'

interface Props {
  of: Faster
  /** A text is not put on another text by itself. */
  onTop: boolean
  onChoose(mineToo: boolean): void
  onClose(): void
}

/** A colleague's version of the profile beside one's own. */
export function Both({ of, onTop, onChoose, onClose }: Props) {
  return (
    <SavedFirst
      who={of.current.by ?? 'The file'}
      number={of.current.number}
      theirs={<Differences changes={of.current.changes} />}
      mine={<Differences changes={of.mine} />}
      onTop={onTop}
      onChoose={onChoose}
      onClose={onClose}
    />
  )
}
