/** Times as an owner reads them. */

/** "now", "4m", "2h", "3d". */
export function ago(at: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(at)) / 60_000))
  if (minutes < 1) return 'now'
  if (minutes < 60) return `${minutes}m`
  return minutes < 1440 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 1440)}d`
}

export function time(at: string): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' })
}

export function day(at: string): string {
  const date = new Date(at)
  const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  if (days === -1) return 'Tomorrow'
  return date.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
}

/** "today 6:00 PM", as the house writes times. */
export function moment(at: string): string {
  return `${day(at).replace(/^(Today|Yesterday|Tomorrow)$/, word => word.toLowerCase())} ${time(at)}`
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}

/** "8 s", "1:05", "2h": how long something goes on. */
export function elapsed(since: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - since) / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return `${Math.floor(seconds / 3600)}h`
}

export interface Due {
  text: string
  overdue: boolean
  /** Within five minutes. */
  soon: boolean
}

const SOON_MS = 5 * 60_000

/** "due in 12 min", "due today 6:00 PM", "overdue by 2 h": counts down for the last hour, and up once it is late. */
export function due(at: string, now: number): Due {
  const left = Date.parse(at) - now
  if (left < 0) return { text: `overdue by ${span(-left)}`, overdue: true, soon: false }
  const soon = left <= SOON_MS
  return { text: left < 3_600_000 ? `due in ${span(left)}` : `due ${moment(at)}`, overdue: false, soon }
}

/** "under a minute", "12 min", "2 h", "3 days". */
function span(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'under a minute'
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h`
  return `${Math.floor(hours / 24)} days`
}
