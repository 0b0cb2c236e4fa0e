/** Where one is in the console, as the address bar says it. */

export type View =
  | 'inbox'
  | 'live'
  | 'handoffs'
  | 'calendar'
  | 'leads'
  | 'complaints'
  | 'payments'
  | 'knowledge'
  | 'campaigns'
  | 'settings'
export interface Route {
  view: View
  /** In the inbox. */
  conversation: string | null
  /** In the settings: the page, and the one thing on it that is looked at. In the calendar: how much is shown, and the day with, behind
      a slash, the party that is open. */
  page: string | null
  item: string | null
}

const NOWHERE = { conversation: null, page: null, item: null }

export function readRoute(hash: string): Route {
  const settings = /^#\/settings(?:\/([\w-]+)(?:\/([\w-]+))?)?$/.exec(hash)
  if (settings) return { ...NOWHERE, view: 'settings', page: settings[1] ?? null, item: settings[2] ?? null }
  const calendar = /^#\/calendar(?:\/(day|week|month)(?:\/([\w-]+(?:\/[\w-]+)?))?)?$/.exec(hash)
  if (calendar) return { ...NOWHERE, view: 'calendar', page: calendar[1] ?? null, item: calendar[2] ?? null }
  const complaints = /^#\/complaints(?:\/([\w-]+))?$/.exec(hash)
  if (complaints) return { ...NOWHERE, view: 'complaints', page: complaints[1] ?? null }
  const leads = /^#\/leads(?:\/([\w-]+))?$/.exec(hash)
  if (leads) return { ...NOWHERE, view: 'leads', page: leads[1] ?? null }
  const payments = /^#\/payments(?:\/([\w-]+))?$/.exec(hash)
  if (payments) return { ...NOWHERE, view: 'payments', page: payments[1] ?? null }
  const knowledge = /^#\/knowledge(?:\/([\w-]+)(?:\/([\w-]+))?)?$/.exec(hash)
  if (knowledge) return { ...NOWHERE, view: 'knowledge', page: knowledge[1] ?? null, item: knowledge[2] ?? null }
  const campaigns = /^#\/campaigns(?:\/([\w-]+)(?:\/([\w-]+))?)?$/.exec(hash)
  if (campaigns) return { ...NOWHERE, view: 'campaigns', page: campaigns[1] ?? null, item: campaigns[2] ?? null }
  const place = /^#\/(live|handoffs)$/.exec(hash)?.[1]
  if (place) return { ...NOWHERE, view: place as View }
  return { ...NOWHERE, view: 'inbox', conversation: /^#\/c\/([\w-]+)$/.exec(hash)?.[1] ?? null }
}

export function hashOf({ view, conversation, page, item }: Route): string {
  if (view === 'settings' || view === 'calendar' || view === 'knowledge' || view === 'campaigns')
    return [`#/${view}`, page, page && item].filter(Boolean).join('/')
  if (view === 'leads' || view === 'complaints' || view === 'payments')
    return [`#/${view}`, page].filter(Boolean).join('/')
  if (view !== 'inbox') return `#/${view}`
  return conversation ? `#/c/${conversation}` : '#/'
}
