/** Figures of models in words: what an answer cost, and how long it took. Pure. */

export const NOTHING = '–'
const MILLION = 1_000_000

/** Millionths of a dollar: "$3.20", and of less than a cent as much as is needed to see it: "$0.0021"; an en dash where there is no price. */
export function dollars(micro: number | undefined): string {
  if (micro === undefined) return NOTHING
  const value = micro / MILLION
  if (value === 0 || value >= 0.01) {
    return value.toLocaleString('en-US', { style: 'currency', currency: 'USD' })
  }
  return `$${value.toFixed(Math.min(6, 1 - Math.floor(Math.log10(value))))}`
}

/** "320 ms", "1.4 s"; an en dash where there is none. */
export function took(ms: number | undefined): string {
  if (ms === undefined) return NOTHING
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
