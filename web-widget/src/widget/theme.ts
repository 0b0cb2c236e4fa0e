/** A site's own colours: a handful of known properties, hex values only, text on the accent chosen to be read. */

const ALLOWED = new Set([
  '--ember',
  '--on-ember',
  '--person',
  '--assistant',
  '--surface',
  '--surface-sunk',
  '--line',
  '--ink',
])
const HEX = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i

export function applyTheme(sheet: CSSStyleSheet, theme: Record<string, string>): void {
  const chosen = Object.fromEntries(
    Object.entries(theme).filter(([name, value]) => ALLOWED.has(name) && HEX.test(value)),
  )
  const ember = chosen['--ember']
  if (ember && !chosen['--on-ember']) chosen['--on-ember'] = readableOn(ember)
  const body = Object.entries(chosen).map(([name, value]) => `${name}:${value};`)
  sheet.replaceSync(body.length ? `:host{${body.join('')}}` : '')
}

/** White or black, whichever stands out more: one of them always reaches 4.5:1. */
export function readableOn(hex: string): string {
  const light = luminance(hex)
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? '#ffffff' : '#000000'
}

/** Relative luminance after WCAG 2. */
export function luminance(hex: string): number {
  const long = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, '$&$&') : hex
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map(i => {
    const c = Number.parseInt(long.slice(i, i + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
