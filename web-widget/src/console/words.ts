/** The console's system lines in words. */
import { BookingIcon, ComplaintIcon, LeadIcon, PaymentIcon, Person, type Shapes } from '../design/icons'
import type { Line } from '../protocol/lines'
import type { Handoff, StaffEvent } from '../protocol/wire'

/** By which way somebody writes, as people call it. */
export function channelName(channel: string | undefined): string {
  return channel === 'sms' ? 'text' : (channel ?? 'web')
}

export function ownerText({ owner, by }: Extract<Line, { kind: 'owner' }>): string {
  const customer = by.kind === 'customer'
  if (owner === 'human') return `${by.name || 'A colleague'} took over`
  if (owner === 'queue')
    return customer ? 'The customer asked for a person' : `${by.name || 'The AI'} asked for a person`
  if (customer) return 'The customer went back to the AI'
  return by.kind === 'human' ? `${by.name} handed back to the AI` : 'The AI answers again'
}

export function staffText(e: Exclude<StaffEvent, { kind: 'note' }>): string {
  switch (e.kind) {
    case 'assigned':
      if (e.name && e.by.kind === 'system') return `It is the turn of ${e.name}`
      return e.name ? `${e.by.name} assigned this to ${e.name}` : `${e.by.name} took the assignment off`
    case 'handoff':
      return handoffText(e)
    case 'risk':
      return `Risk is now ${e.risk}`
    case 'alert':
      return ALERTS[e.reason]
    case 'customer':
      return `The customer left: ${e.changed.map(what => TOLD[what]).join(', ')}`
    case 'rated':
      return `The customer gave ${e.score} of 5`
    case 'linked':
      return linkedText(e)
    case 'unmuted':
      return `${e.by.name || 'A colleague'} let the assistant answer this number again`
    default:
      return ''
  }
}

function linkedText({ what, by }: Extract<StaffEvent, { kind: 'linked' }>): string {
  if (what === 'phone') return 'The phone number of this conversation changed hands'
  const joined = what === 'merged' ? 'joined with another customer' : 'parted from another customer again'
  return by.kind === 'human'
    ? `${by.name} ${what === 'merged' ? 'said that this is the same person as another customer' : 'said that these are two people'}`
    : `This customer was ${joined}`
}

const ALERTS = {
  handoff_due: 'Nobody has taken this yet: it is due',
  escalated: 'Still nobody has taken this: more people were called',
  human_silent: 'The customer is waiting for a person’s answer',
  text_stop: 'Asked for no more texts, in words of their own',
  text_loop: 'Texts went round in circles: nothing is answered by itself for now',
  text_flood: 'A limit of texts is reached: this one, and others like it, are not answered for now',
}
const TOLD = {
  name: 'name',
  email: 'e-mail',
  phone: 'phone',
  sms_consent: 'consent to text messages',
  sms_marketing: 'consent to marketing by text',
  event_date: 'date of the event',
}
const STATES = { open: 'opened', claimed: 'claimed', resolved: 'settled', withdrawn: 'withdrawn' }
export const KINDS: Record<Handoff['kind'], { word: string; icon: Shapes }> = {
  booking: { word: 'Booking', icon: BookingIcon },
  complaint: { word: 'Complaint', icon: ComplaintIcon },
  human: { word: 'Asks for a person', icon: Person },
  payment: { word: 'Payment', icon: PaymentIcon },
  lead: { word: 'Lead', icon: LeadIcon },
}
/** Of an urgency that is worth a word. */
export const URGENT: Partial<Record<Handoff['urgency'], string>> = { high: 'Urgent', severe: 'Very urgent' }

function handoffText(e: Extract<StaffEvent, { kind: 'handoff' }>): string {
  const summary = e.summary ? `: ${e.summary}` : ''
  if (e.updated) return `More is known for the handoff${summary}`
  if (e.state === 'open') return `Handoff opened${summary}`
  return `Handoff ${STATES[e.state]} by ${e.by.name || 'the system'}`
}
