/** A site's own colours: a handful of known properties, hex values only, text on the accent chosen to be read. */

/** What a site may colour, with our own values; surfaces and inks come in pairs, light and dark, and a site gives one. */
export const THEMED: Record<string, string> = { '--ember': '#c2410c', '--person': '#0f766e', '--assistant': '#6d5bd0' }
/** Text that stands on one of them. */
const ON: Record<string, string> = { '--ember': '--on-ember', '--person': '--on-person' }
const HEX = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i

const DARK_SURFACE = '#16181b'
const READABLE = 4.5

export function applyTheme(sheet: CSSStyleSheet, theme: Record<string, string>): void {
  sheet.replaceSync(themeRules(theme))
}

/** The rules of a theme: what is known and harmless of it, and colours that the dark can carry. */
export function themeRules(theme: Record<string, string>): string {
  const chosen = Object.entries(theme).filter(
    ([name, value]) => name in THEMED && HEX.test(value) && THEMED[name] !== value.toLowerCase(),
  )
  if (!chosen.length) return ''
  const light = chosen.flatMap(([name, value]) => withText(name, value))
  const dark = chosen.flatMap(([name, value]) => withText(name, lightened(value)))
  return `${rule(light)}@media (prefers-color-scheme:dark){${rule(dark)}}`
}

function withText(name: string, value: string): [string, string][] {
  const on = ON[name]
  return on
    ? [
        [name, value],
        [on, readableOn(value)],
      ]
    : [[name, value]]
}

function rule(pairs: [string, string][]): string {
  return `:host,.panel{${pairs.map(([name, value]) => `${name}:${value};`).join('')}}`
}

/** The colour, mixed with as little white as makes it readable on the dark surface. */
export function lightened(hex: string): string {
  for (let part = 0; part < 1; part += 0.05) {
    const mixed = mix(hex, part)
    if (contrast(mixed, DARK_SURFACE) >= READABLE) return mixed
  }
  return '#ffffff'
}

function mix(hex: string, white: number): string {
  const parts = channels(hex).map(c => Math.round(c + (255 - c) * white))
  return `#${parts.map(c => c.toString(16).padStart(2, '0')).join('')}`
}

export function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

/** White or black, whichever stands out more: one of them always reaches 4.5:1. */
export function readableOn(hex: string): string {
  const light = luminance(hex)
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? '#ffffff' : '#000000'
}

/** Relative luminance after WCAG 2. */
export function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = channels(hex).map(channel => {
    const c = channel / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function channels(hex: string): number[] {
  const long = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, '$&$&') : hex
  return [1, 3, 5].map(i => Number.parseInt(long.slice(i, i + 2), 16))
}
