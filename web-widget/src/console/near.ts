/** Which blocks of a thread are in the page: those near the eye. What is read stays where it is, whatever comes above or below it. */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { type Block, Extent } from './extent'

/** Beyond the edges this much is drawn at least, this much when something new is drawn, and no more than this. */
const LEAST_PX = 500
const DRAWN_PX = 1000
const MOST_PX = 2400
/** Before the place is known: the end. */
const TAIL = 3

interface Near<T> {
  /** The blocks to draw, and the room for the others. */
  blocks: readonly Block<T>[]
  above: number
  below: number
}

/** A line, and where it stood from the beginning of what scrolls. */
interface Seen {
  element: Element
  at: number
}

/** `list` holds the drawn blocks, in `box`, which scrolls; while `following` its end is kept in sight. `onScroll` is called first. */
export function useNear<T>(
  all: readonly Block<T>[],
  box: RefObject<HTMLElement | null>,
  list: RefObject<HTMLElement | null>,
  following: boolean,
  onScroll: () => void,
): Near<T> {
  const [extent] = useState(() => new Extent())
  // By number: what is read back above moves every place.
  const [span, setSpan] = useState<readonly [number, number] | null>(null)
  const [from, to] = placesOf(all, span)
  const sight = useRef<Seen[]>([])

  const look = () => {
    const next = box.current && list.current && wanted(all, extent, [from, to], box.current, list.current)
    if (next) setSpan([all[next[0]]?.number ?? 0, all[next[1] - 1]?.number ?? 0])
  }
  const settle = () => {
    if (!box.current || !list.current) return
    for (const [i, drawn] of [...list.current.children].entries()) {
      const block = all[from + i]
      if (block) extent.learn(block, drawn.getBoundingClientRect().height)
    }
    if (following) box.current.scrollTop = box.current.scrollHeight
    else {
      const kept = sight.current.find(seen => seen.element.isConnected)
      if (kept) box.current.scrollTop += placeIn(box.current, kept.element) - kept.at
    }
    look()
    sight.current = inSight(box.current, list.current)
  }
  useLayoutEffect(settle)

  const now = useRef({ look, settle, onScroll })
  useLayoutEffect(() => {
    now.current = { look, settle, onScroll }
  })
  useEffect(() => {
    const el = box.current
    if (!el) return
    const scrolled = () => {
      if (list.current) sight.current = inSight(el, list.current)
      // In the frame that scrolled, or it would show nothing where it went.
      flushSync(() => {
        now.current.onScroll()
        now.current.look()
      })
    }
    let width = el.clientWidth
    const sized = new ResizeObserver(() => {
      if (el.clientWidth !== width) extent.forget()
      width = el.clientWidth
      now.current.settle()
    })
    el.addEventListener('scroll', scrolled, { passive: true })
    sized.observe(el)
    return () => {
      el.removeEventListener('scroll', scrolled)
      sized.disconnect()
    }
  }, [box, list, extent])
  return {
    blocks: all.slice(from, to),
    above: extent.sum(all.slice(0, from)),
    below: extent.sum(all.slice(to)),
  }
}

function placesOf(all: readonly Block[], span: readonly [number, number] | null): [number, number] {
  const from = span ? all.findIndex(block => block.number >= span[0]) : -1
  const after = span ? all.findIndex(block => block.number > span[1]) : -1
  const to = after < 0 ? all.length : after
  return from >= 0 && to > from ? [from, to] : [Math.max(0, all.length - TAIL), all.length]
}

/** The places of the blocks to draw, where what is drawn is too little or too much; else null. */
function wanted(
  all: readonly Block[],
  extent: Extent,
  [from, to]: [number, number],
  box: HTMLElement,
  list: HTMLElement,
): [number, number] | null {
  if (all.length === 0) return null
  const top = box.getBoundingClientRect().top - list.getBoundingClientRect().top
  const bottom = top + box.clientHeight
  const [first, last] = extent.between(all, top - LEAST_PX, bottom + LEAST_PX)
  const [farthest, lowest] = extent.between(all, top - MOST_PX, bottom + MOST_PX)
  const kept = inUse(box)
  const enough = from <= first && to >= last
  if (enough && (kept || (from >= farthest && to <= lowest))) return null
  const [start, end] = extent.between(all, top - DRAWN_PX, bottom + DRAWN_PX)
  return kept ? [Math.min(start, from), Math.max(end, to)] : [start, end]
}

/** Whether something in the thread has the focus or is selected: that is not taken away. */
function inUse(box: HTMLElement): boolean {
  const focused = document.activeElement
  if (focused && focused !== box && box.contains(focused)) return true
  const selection = document.getSelection()
  return selection !== null && !selection.isCollapsed && box.contains(selection.anchorNode)
}

/** Where an element stands, from the beginning of what scrolls. */
function placeIn(box: HTMLElement, element: Element): number {
  return element.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop
}

/** The lines in sight, from the first one; not the names of days, which move up as older messages of that day come. */
function inSight(box: HTMLElement, list: HTMLElement): Seen[] {
  const { top, bottom } = box.getBoundingClientRect()
  const within = (element: Element) => {
    const at = element.getBoundingClientRect()
    return at.bottom > top && at.top < bottom
  }
  const drawn = [...list.children]
    .filter(within)
    .flatMap(block => [...block.querySelectorAll(':scope > :not(.day)')].filter(within))
  return drawn.map(element => ({ element, at: placeIn(box, element) }))
}
