import { h } from 'preact'
import type { Shapes } from '../design/icons'

/** An icon of the set, drawn in the text's colour; the button around it carries the name. */
export function Icon({ of, size = 18 }: { of: Shapes; size?: number }) {
  const frame = { class: 'icon', width: size, height: size, viewBox: '0 0 24 24', 'aria-hidden': 'true' }
  return h('svg', frame, ...of.map(([tag, attributes]) => h(tag, attributes)))
}
