import type { Language, Strings } from './strings'

/** "Today", "Yesterday", or the day by name. */
export function dayLabel(at: string, language: Language, t: Strings): string {
  const day = new Date(at)
  const days = Math.round((midnight(new Date()) - midnight(day)) / 86_400_000)
  if (days === 0) return t.today
  if (days === 1) return t.yesterday
  return day.toLocaleDateString(language, { weekday: 'long', day: 'numeric', month: 'long' })
}

export function timeLabel(at: string, language: Language): string {
  return new Date(at).toLocaleTimeString(language, { hour: 'numeric', minute: '2-digit' })
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}
