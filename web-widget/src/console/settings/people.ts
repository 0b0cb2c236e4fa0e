/** Accounts as the server tells of them, and the rules that the pages show before the server says them. */
export interface Colleague {
  id: string
  email: string
  name: string
  role: Role
  disabled: boolean
  /** The one-time password was not changed yet. */
  must_change: boolean
}
export type Role = 'owner' | 'admin' | 'agent'

export const ROLE_WORDS: Readonly<Record<Role, { name: string; may: string }>> = {
  owner: { name: 'Owner', may: 'Everything, also owners’ accounts' },
  admin: { name: 'Admin', may: 'Everything but owners’ accounts' },
  agent: { name: 'Agent', may: 'Conversations, notes and handoffs' },
}
