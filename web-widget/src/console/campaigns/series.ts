/** What happened hour by hour or day by day, as bars. Pure. */
import { time } from '../when'
import type { Point, Results } from './campaigns'

export type Count = 'sent' | 'delivered' | 'failed' | 'replied' | 'booked' | 'opted_out'
export const WENT: readonly Count[] = ['sent', 'delivered', 'failed']
export const CAME: readonly Count[] = ['replied', 'booked', 'opted_out']

const UNIT_MS = { hour: 3_600_000, day: 86_400_000 } as const
const MOST = 168
/** Few bars are not drawn wider than these many would be. */
export const ROOM = 12

/** Every hour or day from the first to the last; in those of which nothing is told nothing happened. */
export function whole({ series, unit }: Pick<Results, 'series' | 'unit'>): Point[] {
  const [first] = series
  if (!first) return []
  const step = UNIT_MS[unit]
  const begin = Date.parse(first.at)
  const known = new Map(series.map(one => [Math.round((Date.parse(one.at) - begin) / step), one]))
  const last = Math.min(MOST - 1, Math.max(...known.keys()))
  return Array.from({ length: last + 1 }, (_, n) => known.get(n) ?? nothing(new Date(begin + n * step).toISOString()))
}

function nothing(at: string): Point {
  return { at, sent: 0, delivered: 0, failed: 0, replied: 0, booked: 0, opted_out: 0 }
}

export function busy(points: readonly Point[], counts: readonly Count[]): Point[] {
  return points.filter(point => counts.some(name => point[name] > 0))
}

export interface Bar {
  x: number
  y: number
  width: number
  height: number
}

/** One bar for each count, side by side within the point's share of the width; null where there is none. */
export function grouped(
  point: Point,
  n: number,
  of: number,
  counts: readonly Count[],
  most: number,
  size: { width: number; height: number },
): (Bar | null)[] {
  const each = size.width / Math.max(of, ROOM)
  const width = (each * 0.8) / counts.length
  return counts.map((name, at) => {
    const value = point[name]
    if (value === 0 || most === 0) return null
    const height = (value / most) * size.height
    return { x: n * each + each * 0.1 + at * width, y: size.height - height, width, height }
  })
}

export function highest(points: readonly Point[], counts: readonly Count[]): number {
  return Math.max(0, ...points.flatMap(point => counts.map(name => point[name])))
}

/** "1 Nov, 10:00 AM", or the day alone. */
export function moment(at: string, unit: Results['unit']): string {
  const day = { day: 'numeric', month: 'short' } as const
  const date = new Date(at).toLocaleDateString('en-GB', day)
  return unit === 'day' ? date : `${date}, ${time(at)}`
}
