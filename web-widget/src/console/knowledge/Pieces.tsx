/** A document's pieces, as they are cited: with the profile's figures, or as they are written. */
import { useLayoutEffect, useRef, useState } from 'react'
import { Markdown } from '../../text/markdown'
import { Saved } from '../settings/frame'
import { useSaving } from '../settings/loading'
import { useApi } from '../settings/session'
import type { Piece, Whole } from './knowledge'

interface Props {
  whole: Whole
  chief: boolean
  below: 'h2' | 'h3'
  onChanged(): void
}

export function Pieces({ whole, chief, below: Title, onChanged }: Props) {
  const [filled, setFilled] = useState(true)
  if (whole.pieces.length === 0) return null
  return (
    <section className="pieces-part" aria-label="Pieces">
      <div className="pieces-head">
        <Title>Pieces</Title>
        <fieldset className="segments">
          <legend className="unseen">How they are shown</legend>
          <button type="button" aria-pressed={filled} onClick={() => setFilled(true)}>
            As they read
          </button>
          <button type="button" aria-pressed={!filled} onClick={() => setFilled(false)}>
            As written
          </button>
        </fieldset>
      </div>
      <ol className="pieces">
        {whole.pieces.map(piece => (
          <One key={piece.id} piece={piece} filled={filled} chief={chief} onChanged={onChanged} />
        ))}
      </ol>
    </section>
  )
}

function One({
  piece,
  filled,
  chief,
  onChanged,
}: {
  piece: Piece
  filled: boolean
  chief: boolean
  onChanged(): void
}) {
  const held = piece.held_back !== undefined && !piece.let_through
  return (
    <li className={held ? 'held-back' : ''}>
      {piece.heading && <p className="piece-heading">{piece.heading}</p>}
      {filled ? <Read text={piece.reads} /> : <p className="plain piece-text">{piece.text}</p>}
      {held && <Held piece={piece} chief={chief} onChanged={onChanged} />}
      {piece.let_through && <p className="soft small">Somebody let it through: {piece.held_back}</p>}
    </li>
  )
}

function Held({ piece, chief, onChanged }: { piece: Piece; chief: boolean; onChanged(): void }) {
  const { post } = useApi()
  const saving = useSaving()
  const send = async () => {
    if (await saving.run(() => post(`document-pieces/${piece.id}/let-through`, {}))) onChanged()
  }
  return (
    <div className="held-why">
      <p>
        <strong>Held back: nobody is shown it.</strong> {piece.held_back}
      </p>
      {chief && (
        <button type="button" className="button" disabled={saving.at.state === 'saving'} onClick={() => void send()}>
          Let it through
        </button>
      )}
      {saving.at.state === 'failed' && <Saved at={saving.at} />}
    </div>
  )
}

/** Markdown as a customer would read it. */
export function Read({ text }: { text: string }) {
  const root = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (root.current) new Markdown(root.current).show(text, true)
  }, [text])
  return <div ref={root} className="text piece-text" />
}
