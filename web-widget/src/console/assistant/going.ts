/** From a proposal to its place. */
import { act, can } from '../keys'

const LOOKS_EVERY_MS = 100
const WITHIN_MS = 5000

/** Ask for a draft once the conversation that is being opened offers one; where the assistant owns it, none is offered. */
export function draftSoon(): void {
  const until = Date.now() + WITHIN_MS
  const timer = setInterval(() => {
    const ready = can('draft')
    if (ready || Date.now() > until) clearInterval(timer)
    if (ready) act('draft')
  }, LOOKS_EVERY_MS)
}
