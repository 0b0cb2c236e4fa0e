/** Dragging a card by a pointer: a mouse draws it away, a finger rests on it first, for else it scrolls. The keyboard has its own way
    ("Move to ..."). */
import { type PointerEvent as Pressed, type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import type { Card, Status } from './leads'

const AWAY_PX = 6
const REST_MS = 350
const EDGE_PX = 48
const STEP_PX = 14

/** A card on its way: where its corner is, how wide it is, and over which column. */
export interface Drag {
  card: Card
  x: number
  y: number
  width: number
  over: Status | null
}

interface Press {
  card: Card
  x: number
  y: number
  box: DOMRect
  pointer: number
  touch: boolean
  resting: ReturnType<typeof setTimeout> | undefined
}

/** `within` scrolls sideways as a card comes near its edges. `onDrop`: it was let go over another column. `press` is told of a pointer
    that went down on a card. */
export function useDragging(within: RefObject<HTMLElement | null>, onDrop: (card: Card, to: Status) => void) {
  const [drag, setDrag] = useState<Drag | null>(null)
  const held = useRef<Press | null>(null)
  const shown = useRef<Drag | null>(null)
  const drop = useRef(onDrop)
  useEffect(() => {
    drop.current = onDrop
  })
  const show = useCallback((next: Drag | null) => {
    shown.current = next
    setDrag(next)
  }, [])
  const end = useCallback(
    (dropped: boolean) => {
      const last = shown.current
      clearTimeout(held.current?.resting)
      held.current = null
      show(null)
      if (!last) return
      swallowClick()
      if (dropped && last.over && last.over !== last.card.status) drop.current(last.card, last.over)
    },
    [show],
  )
  const press = useCallback(
    (e: Pressed<HTMLElement>, card: Card) => {
      if (e.button !== 0 || !e.isPrimary) return
      const { clientX: x, clientY: y, pointerId: pointer } = e
      const touch = e.pointerType === 'touch'
      const box = e.currentTarget.getBoundingClientRect()
      const now: Press = { card, x, y, box, pointer, touch, resting: undefined }
      if (touch) now.resting = setTimeout(() => show(at(now, x, y)), REST_MS)
      held.current = now
    },
    [show],
  )
  useEffect(() => {
    const moved = (e: PointerEvent) => {
      const now = held.current
      if (e.pointerId !== now?.pointer) return
      const far = Math.hypot(e.clientX - now.x, e.clientY - now.y) > AWAY_PX
      if (!shown.current && now.touch && far) end(false)
      else if (shown.current || far) {
        nudge(within.current, e.clientX)
        show(at(now, e.clientX, e.clientY))
      }
    }
    const escaped = (e: KeyboardEvent) => {
      if (e.key !== 'Escape' || !shown.current) return
      e.stopImmediatePropagation()
      end(false)
    }
    const mine = (e: PointerEvent) => e.pointerId === held.current?.pointer
    const on = new AbortController()
    const { signal } = on
    window.addEventListener('pointermove', moved, { signal })
    window.addEventListener('pointerup', e => mine(e) && end(true), { signal })
    window.addEventListener('pointercancel', e => mine(e) && end(false), { signal })
    window.addEventListener('keydown', escaped, { signal, capture: true })
    // A finger that drags does not scroll, nor does it open a menu.
    window.addEventListener('touchmove', e => shown.current && e.preventDefault(), { signal, passive: false })
    window.addEventListener('contextmenu', e => held.current?.touch && e.preventDefault(), { signal })
    return () => {
      clearTimeout(held.current?.resting)
      on.abort()
    }
  }, [within, show, end])
  return { drag, press }
}

function at({ card, box, x: fromX, y: fromY }: Press, x: number, y: number): Drag {
  const over = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-column]')?.dataset.column
  const corner = { x: box.left + x - fromX, y: box.top + y - fromY }
  return { card, ...corner, width: box.width, over: (over as Status | undefined) ?? null }
}

/** The click that ends a drag opens nothing. */
function swallowClick(): void {
  const stop = (e: Event) => {
    e.stopPropagation()
    e.preventDefault()
  }
  window.addEventListener('click', stop, { capture: true, once: true })
  setTimeout(() => window.removeEventListener('click', stop, { capture: true }), 0)
}

function nudge(box: HTMLElement | null, x: number): void {
  if (!box) return
  const { left, right } = box.getBoundingClientRect()
  if (x > right - EDGE_PX) box.scrollLeft += STEP_PX
  else if (x < left + EDGE_PX) box.scrollLeft -= STEP_PX
}
