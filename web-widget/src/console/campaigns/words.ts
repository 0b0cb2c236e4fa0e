/** What campaigns are and do, in words. Pure. */
import { plain } from '../complaints/complaints'
import { count } from '../settings/texting/texting'
import { moment } from '../when'
import type { Card, Count, Outcome, Recipient, Sample, Season, State, Tally } from './campaigns'

export const STATE: Readonly<Record<State, string>> = {
  draft: 'Draft',
  approved: 'Approved',
  running: 'Running',
  paused: 'Paused',
  stopped: 'Stopped',
  done: 'Done',
}
export const STATES = Object.keys(STATE) as State[]

export const LANGUAGE: Readonly<Record<string, string>> = { en: 'English', es: 'Spanish' }

const VARIANT: Readonly<Record<string, string>> = {
  general: 'General',
  returning: 'Returning customers',
  win_back: 'Win-back',
}
const OTHER: Readonly<Record<string, string>> = { birthday: 'Birthday', win_back: 'Win-back' }

export const OUTCOME: Readonly<Record<Outcome, string>> = {
  planned: 'To come',
  waiting: 'Waiting',
  sent: 'Sent',
  delivered: 'Delivered',
  failed: 'Failed',
  replied: 'Replied',
  booked: 'Booked',
  opted_out: 'Opted out',
  skipped: 'Left out',
}
export const OUTCOMES = Object.keys(OUTCOME) as Outcome[]

/** Why somebody gets nothing, as the end of "12 customers ...". */
const WHY: Readonly<Record<string, string>> = {
  no_number: 'left no number',
  same_number: 'share a number with somebody who gets it',
  no_consent: 'never agreed to marketing by text',
  stopped: 'asked for no more texts',
  unreachable: 'have a number that no text reaches',
  country: 'are in a country that is not written to',
  placeholder: 'have a number that is only an example',
  cap: 'have had as many texts this month as they may get',
}

const SKIPPED: Readonly<Record<string, string>> = {
  NoConsent: 'No agreement to marketing by text any more',
  Stopped: 'Asked for no more texts',
  Unreachable: 'No text reaches the number',
  Country: 'In a country that is not written to',
  MonthFull: 'Had as many texts this month as they may get',
  CampaignStopped: 'The campaign was stopped before',
  CampaignOver: 'The campaign was over before',
  SamePerson: 'Got it at another number of theirs',
  NoText: 'There is no text for them, or it names what the profile has no more',
}

export function variantOf(key: string): string {
  return VARIANT[key] ?? sentence(plain(key))
}

/** "Thanksgiving"; of what is no holiday as people say it. */
export function seasonOf(key: string | undefined, seasons: readonly Season[]): string {
  if (!key) return 'No season'
  return seasons.find(one => one.key === key)?.name.en ?? OTHER[key] ?? sentence(plain(key))
}

export function leftOut(why: string): string {
  return WHY[why] ?? plain(why)
}

/** Why one recipient was left out, as a sentence. */
export function skippedWhy(why: string): string {
  return SKIPPED[why] ?? sentence(plain(why.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()))
}

/** Who worded a draft. */
export function writer(model: string): string {
  return model === 'house' ? 'from the business’s own words' : `worded by ${model}`
}

export function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** "2026-11-01" as "1 Nov", in nobody's time zone. */
export function date(day: string): string {
  return new Date(`${day}T12:00:00Z`).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
}

/** "25 Oct – 1 Nov". */
export function span(opens: string, closes: string): string {
  return `${date(opens)} – ${date(closes)}`
}

/** "10:00:00" as "10:00 AM". */
export function hour(time: string): string {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return `${hours % 12 || 12}:${String(minutes).padStart(2, '0')} ${hours < 12 ? 'AM' : 'PM'}`
}

/** When it goes out: "1 Nov from 10:00 AM, by each recipient's clock". */
export function when(card: Pick<Card, 'send_on' | 'send_from'>): string {
  if (!card.send_on) return card.send_from ? `From ${hour(card.send_from)}, once it is started` : 'Once it is started'
  return `${date(card.send_on)}${card.send_from ? ` from ${hour(card.send_from)}` : ''}, by each recipient’s clock`
}

/** How it stands in time: of one that was started since when, of another when it goes out. */
export function timing(card: Card): string {
  if (card.finished_at) return `Ended ${moment(card.finished_at)}`
  return card.started_at ? `Started ${moment(card.started_at)}` : when(card)
}

/** Of everybody, the share that is dealt with: 0 to 1. */
export function progress(tally: Tally): number {
  return tally.recipients === 0 ? 1 : 1 - tally.planned / tally.recipients
}

/** "3.1 %"; of nobody nothing. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '–'
  const percent = (part / whole) * 100
  return `${percent < 10 && percent > 0 ? percent.toFixed(1) : Math.round(percent)} %`
}

/** "under a minute", "12 minutes", "3 hours": how long the throttle makes of it. */
export function lasting(minutes: number): string {
  if (minutes < 1) return 'under a minute'
  if (minutes < 90) return count(Math.round(minutes), 'minute')
  return count(Math.round(minutes / 60), 'hour')
}

/** "America/Los_Angeles" as "Los Angeles". */
export function zoneName(zone: string): string {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ')
}

/** What stands over a campaign that does not go on by itself: what happened, and what to do. */
export function standstill(card: Card): { what: string; todo: string } | null {
  if (card.state !== 'paused') return null
  if (card.pause_reason === 'opt_outs')
    return {
      what: 'It paused by itself: more than 1 % of those who got it asked for no more texts.',
      todo: 'Look at whom it goes to and what it says. Resume only if you would send it to the others as well; else stop it and write to fewer.',
    }
  if (card.pause_reason === 'provider')
    return {
      what: 'It paused by itself: the provider does not take texts just now.',
      todo: 'Settings, Texting says what is wrong. Resume once it is mended; nobody gets it twice.',
    }
  return { what: 'It is paused. Nothing goes out.', todo: 'Resume to go on where it was; nobody gets it twice.' }
}

/** What may be done with it now, the likeliest first. */
export type Deed = 'approve' | 'withdraw' | 'start' | 'pause' | 'resume' | 'stop'
const DEEDS: Readonly<Record<State, readonly Deed[]>> = {
  draft: ['approve'],
  approved: ['start', 'withdraw'],
  running: ['pause', 'stop'],
  paused: ['resume', 'stop'],
  stopped: [],
  done: [],
}

/** For owners and admins; an agent pauses and stops, which is never wrong. */
export function deeds(state: State, chief: boolean): readonly Deed[] {
  return DEEDS[state].filter(deed => chief || deed === 'pause' || deed === 'stop')
}

export const DEED: Readonly<Record<Deed, string>> = {
  approve: 'Approve',
  withdraw: 'Withdraw approval',
  start: 'Start',
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop for good',
}

/** Where one recipient stands, the furthest that they came. */
export function outcomeOf(one: Recipient): Outcome {
  if (one.opted_out_at) return 'opted_out'
  if (one.booked_at) return 'booked'
  if (one.replied_at) return 'replied'
  if (one.state === 'planned') return 'planned'
  if (one.state === 'skipped') return 'skipped'
  if (one.text_state === 'delivered') return 'delivered'
  if (one.text_state === 'sent') return 'sent'
  return one.text_state === 'waiting' || one.text_state === 'sending' || !one.text_state ? 'waiting' : 'failed'
}

/** "1 person", "12 people". */
export function people(n: number): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? 'person' : 'people'}`
}

/** "Of 130 customers 96 get it": the head of a count. */
export function counted({ matched, reachable }: Count): string {
  if (matched === 0) return 'Nobody is like that.'
  return `${people(reachable)} would get it, of ${count(matched, 'customer')} who are like that.`
}

/** Segments of the first texts to everybody who is counted; who has no text in their language gets the first one. */
export function estimate({ locales }: Count, samples: readonly Sample[]): number {
  const of = (locale: string) => (samples.find(one => one.locale === locale) ?? samples[0])?.segments ?? 0
  return Object.entries(locales).reduce((sum, [locale, n]) => sum + n * of(locale), 0)
}

/** The next windows, each season once, the nearest first. */
export function coming(seasons: readonly Season[], today: string, most = 12): Season[] {
  const seen = new Set<string>()
  return [...seasons]
    .filter(one => one.closes >= today)
    .sort((a, b) => a.opens.localeCompare(b.opens))
    .filter(({ key }) => !seen.has(key) && seen.add(key))
    .slice(0, most)
}

/** What a season's campaign is called: its name and its year. */
export function nameOf(season: Season): string {
  return `${season.name.en ?? season.key} ${(season.day ?? season.closes).slice(0, 4)}`
}
