import { type ReactNode, useEffect, useRef } from 'react'

interface Props {
  title: string
  /** At the bottom of a phone, in the thumb's reach. */
  sheet?: boolean
  onClose(): void
  children: ReactNode
}

/** A question that must be answered first; Escape is "leave it". */
export function Dialog({ title, sheet = false, onClose, children }: Props) {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    box.current?.showModal()
  }, [])
  return (
    <dialog ref={box} className={`dialog ${sheet ? 'sheet' : ''}`} aria-label={title} onClose={onClose}>
      <h2>{title}</h2>
      {children}
    </dialog>
  )
}
