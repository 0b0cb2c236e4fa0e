import { type ReactNode, useEffect, useRef } from 'react'

interface Props {
  title: string
  onClose(): void
  children: ReactNode
}

/** A question that must be answered first; Escape is "leave it". */
export function Dialog({ title, onClose, children }: Props) {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    box.current?.showModal()
  }, [])
  return (
    <dialog ref={box} className="dialog" aria-label={title} onClose={onClose}>
      <h2>{title}</h2>
      {children}
    </dialog>
  )
}
