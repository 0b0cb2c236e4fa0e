/** What an owner changes of the profile, in the order of the form; everything else is in the text. Pure. */
import type { Path } from './profile'
import type { Kind } from './typed'

export interface FieldDef {
  path: Path
  label: string
  kind: Kind
  /** Behind a number: "hours", "miles". */
  unit?: string
  hint?: string
  long?: boolean
}
export interface Section {
  title: string
  words?: string
  fields: readonly FieldDef[]
}

const text = (path: string, label: string, more: Partial<FieldDef> = {}) => field('text', path, label, more)
const money = (path: string, label: string, more: Partial<FieldDef> = {}) => field('money', path, label, more)
const count = (path: string, label: string, unit: string, hint?: string) =>
  field('count', path, label, hint ? { unit, hint } : { unit })

function field(kind: Kind, path: string, label: string, more: Partial<FieldDef>): FieldDef {
  return { kind, path: path.split('.').map(step => (/^\d+$/.test(step) ? Number(step) : step)), label, ...more }
}

export const NAME: Section = {
  title: 'Name and contact',
  fields: [
    text('business.name', 'Name'),
    text('business.phone', 'Phone'),
    text('business.email', 'E-mail'),
    text('business.street', 'Street'),
    text('business.city', 'City'),
    text('business.state', 'State'),
    text('business.zip', 'ZIP code'),
  ],
}

export const PRICES: Section = {
  title: 'Prices and minimums',
  words: 'Per guest, in dollars. Quotes and answers use them from the moment of saving.',
  fields: [
    money('prices.adult_cents', 'Per adult'),
    money('prices.child_cents', 'Per child'),
    money('prices.food_minimum_cents', 'Least for food', { hint: 'Before upgrades and travel.' }),
    count('prices.adult_from_age', 'Adult from', 'years'),
    count('prices.child_from_age', 'Child from', 'years', 'Younger ones eat free.'),
  ],
}

export const DEPOSITS: Section = {
  title: 'Deposits and changes',
  fields: [
    money('prices.deposit_cents', 'Deposit'),
    count('booking.deposit_asked_hours', 'Asked for within', 'hours'),
    count('booking.refundable_until_days', 'Refundable until', 'days before'),
    count('booking.hold_minutes', 'A slot is held for', 'minutes'),
    count('booking.reschedule_until_hours', 'One free change until', 'hours before'),
    money('booking.reschedule_fee_cents', 'Fee for a later change'),
  ],
}

export const LEAD: Section = {
  title: 'Lead time',
  fields: [
    count('slots.ahead_at_least_hours', 'Booked at least', 'hours ahead'),
    count('slots.ahead_at_most_days', 'Booked at most', 'days ahead'),
    count('slots.final_count_hours', 'Number of guests until', 'hours before'),
    count('slots.menu_freeze_hours', 'Menu until', 'hours before'),
    count('allergies.notice_hours', 'Allergies told', 'hours ahead'),
  ],
}

export const READ_FIRST: Section = {
  title: 'What visitors read first',
  fields: [
    text('widget.greeting.en', 'Greeting, English', { long: true }),
    text('widget.greeting.es', 'Greeting, Spanish', { long: true }),
    text('widget.disclosure.en', 'Who answers, English', { long: true }),
    text('widget.disclosure.es', 'Who answers, Spanish', { long: true }),
    count('people.reply_minutes', 'A person answers within', 'minutes'),
  ],
}

export function station(at: number, name: string): Section {
  const base = `travel.stations.${at}`
  return {
    title: `Travel from ${name}`,
    fields: [
      count(`${base}.free_miles`, 'Free for', 'miles'),
      money(`${base}.per_mile_cents`, 'Each mile beyond'),
      count(`${base}.confirm_over_miles`, 'A person confirms over', 'miles'),
      count(`${base}.decline_over_miles`, 'Too far over', 'miles'),
    ],
  }
}

export const SECTIONS: readonly Section[] = [NAME, PRICES, DEPOSITS, LEAD, READ_FIRST]
export const DISHES = [
  { key: 'proteins', title: 'Proteins', priced: false },
  { key: 'upgrades', title: 'Upgrades', priced: true },
  { key: 'add_ons', title: 'Add-ons', priced: true },
  { key: 'included', title: 'Included', priced: false },
] as const
