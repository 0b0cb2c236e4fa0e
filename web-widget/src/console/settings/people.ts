/** Accounts as the server tells of them, and what the page may offer for each; the server has the last word. */
export type Role = 'owner' | 'admin' | 'agent'

export interface Colleague {
  id: string
  email: string
  name: string
  role: Role
  disabled: boolean
  /** The one-time password was not changed yet. */
  must_change: boolean
  /** To about ten minutes; absent for whoever was not here for a month. */
  last_seen_at?: string
}

/** The two ways in of a new or reset account, told once. */
export interface WaysIn {
  id: string
  email: string
  one_time_password: string
  sign_in_path: string
}

export const ROLES: readonly Role[] = ['owner', 'admin', 'agent']
export const ROLE_WORDS: Readonly<Record<Role, { name: string; may: string }>> = {
  owner: { name: 'Owner', may: 'Everything, owners’ accounts too' },
  admin: { name: 'Admin', may: 'Everything but owners’ accounts' },
  agent: { name: 'Agent', may: 'Conversations, notes and handoffs' },
}

/** The roles that somebody may give. */
export function grantable(mine: string | undefined): readonly Role[] {
  if (mine === 'owner') return ROLES
  return mine === 'admin' ? ['admin', 'agent'] : []
}

/** Whether somebody may change, reset or deactivate this account: nobody their own, and of an owner's only another owner. */
export function inReach(mine: { id: string; role?: string }, whom: Colleague): boolean {
  if (mine.id === whom.id || (mine.role !== 'owner' && mine.role !== 'admin')) return false
  return whom.role !== 'owner' || mine.role === 'owner'
}

/** Whoever works here first, by name; who was deactivated, last. */
export function byName(all: readonly Colleague[]): Colleague[] {
  return [...all].sort((a, b) => Number(a.disabled) - Number(b.disabled) || a.name.localeCompare(b.name))
}

const RECENT_MS = 15 * 60_000

/** When somebody was last here, as one says it; `ago` words longer spans. */
export function lastSeen(one: Colleague, now: number, moment: (at: string) => string): string {
  if (one.last_seen_at === undefined) return one.must_change ? 'Not yet' : 'Not this month'
  return now - Date.parse(one.last_seen_at) < RECENT_MS ? 'Just now' : sentence(moment(one.last_seen_at))
}

function sentence(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
