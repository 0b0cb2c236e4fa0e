import { createElement } from 'react'
import type { Shapes } from '../design/icons'

/** An icon of the set, drawn in the text's colour; what stands around it carries the name. */
export function Icon({ of, size = 18 }: { of: Shapes; size?: number }) {
  const frame = { className: 'icon', width: size, height: size, viewBox: '0 0 24 24', 'aria-hidden': true }
  const shapes = of.map(([tag, attributes]) => createElement(tag, attributes))
  return createElement('svg', frame, ...shapes)
}
