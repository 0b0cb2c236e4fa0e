/** The audit trail in plain words, as a question to the server, and as a file. */

export interface Entry {
  id: string
  at: string
  actor_kind: string
  actor_id?: string
  actor_name?: string
  action: string
  subject?: string
  subject_name?: string
  details: Record<string, unknown>
}

export interface TrailPage {
  items: Entry[]
  cursor?: string
}

/** What is looked for: a colleague's id or a kind of actor, an action or its noun, a day as the browser's field writes it. */
export interface Filter {
  actor: string
  action: string
  day: string
}
export const ALL: Filter = { actor: '', action: '', day: '' }

/** What can be chosen of the actions: each a word of the server's for one, or for all that is done to a thing. */
export const SUBJECTS: readonly (readonly [string, string])[] = [
  ['staff.login', 'Sign-ins'],
  ['staff', 'Accounts'],
  ['conversation', 'Conversations'],
  ['handoff', 'Handoffs'],
  ['booking', 'Bookings'],
  ['chef', 'Chefs'],
  ['consent', 'Consent to texts'],
  ['site', 'Sites'],
  ['profile', 'Business profile'],
  ['shadow', 'Judged pairs'],
  ['webhook', 'Webhooks'],
  ['api_token', 'API tokens'],
  ['canned_reply', 'Saved replies'],
]

export function question({ actor, action, day }: Filter, page: { cursor?: string; limit?: number } = {}): string {
  const asked = new URLSearchParams()
  if (actor) asked.set('actor', actor)
  if (action) asked.set('action', action)
  const span = spanOf(day)
  if (span) {
    asked.set('since', span[0].toISOString())
    asked.set('until', span[1].toISOString())
  }
  if (page.cursor) asked.set('cursor', page.cursor)
  if (page.limit) asked.set('limit', String(page.limit))
  return asked.size ? `audit?${asked}` : 'audit'
}

/** A day where the reader is: from its midnight to the next, also when the clocks change. */
function spanOf(day: string): [Date, Date] | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)
  if (!parts) return null
  const [year = 0, month = 0, date = 0] = parts.slice(1).map(Number)
  return [new Date(year, month - 1, date), new Date(year, month - 1, date + 1)]
}

const KINDS: Readonly<Record<string, string>> = {
  cli: 'The command line',
  system: 'The gateway',
  customer: 'A customer',
  staff: 'Somebody of the staff',
}

export function who(e: Entry): string {
  return e.actor_name ?? KINDS[e.actor_kind] ?? e.actor_kind
}

/** What was done, to stand behind who did it. */
export function did(e: Entry): string {
  return (WORDS[e.action] ?? plainly)(e)
}

/** Where the conversation, the lead, the complaint or the document is that it was done to, if it was one. */
export function placeOf(e: Entry): string | null {
  if (!e.subject) return null
  if (e.action.startsWith('lead.')) return `#/leads/${e.subject}`
  if (e.action.startsWith('complaint.')) return `#/complaints/${e.subject}`
  if (e.action.startsWith('document.') && e.action !== 'document.deleted') return `#/knowledge/documents/${e.subject}`
  return /^(conversation|handoff)\./.test(e.action) ? `#/c/${e.subject}` : null
}

const whom = (e: Entry) => {
  if (e.subject === e.actor_id) return 'their own account'
  return e.subject_name ?? 'an account'
}
const site = (e: Entry) => `the site ${text(e.details.key) ?? ''}`.trim()
const version = (e: Entry) => (e.subject ? `, version ${e.subject}` : '')
const reply = (e: Entry) =>
  text(e.details.shortcut) ? `the saved reply /${text(e.details.shortcut)}` : 'a saved reply'

const WORDS: Readonly<Record<string, (e: Entry) => string>> = {
  'staff.login': e => (e.details.by === 'link' ? 'signed in by a link' : 'signed in with a password'),
  'staff.logout': e => (e.details.everywhere ? 'signed out everywhere' : 'signed out'),
  'staff.password_changed': () => 'chose a new password',
  'staff.password_from_settings': e => `took the password of ${whom(e)} from the settings file`,
  'staff.owner_made': e => `made the first owner, ${whom(e)}`,
  'staff.invited': e => `invited ${whom(e)}${text(e.details.role) ? ` as ${text(e.details.role)}` : ''}`,
  'staff.reset': e => `reset the password of ${whom(e)}`,
  'staff.disabled': e => `deactivated ${whom(e)}`,
  'staff.changed': e => changedStaff(e),
  'site.added': e => `added ${site(e)}`,
  'rotation.changed': () => 'changed how new requests go round',
  'site.changed': e => `changed ${site(e)}${listed(e)}`,
  'webhook.added': () => 'added a webhook',
  'webhook.changed': e => `changed a webhook${listed(e)}`,
  'webhook.rotated': () => 'made a new signing secret for a webhook',
  'webhook.deleted': () => 'deleted a webhook',
  'dead_letter.retried': () => 'sent a dead letter on its way again',
  'email.retried': () => 'sent an e-mail on its way again',
  'email_template.saved': e => `saved the text of an e-mail: ${e.subject ?? ''}`,
  'webhook.redelivered': () => 'sent an event of a webhook again',
  'webhook.switched_off': e =>
    `switched off a webhook ${e.details.reason === 'gone' ? 'whose server is gone' : 'that failed for days'}`,
  'api_token.made': e => `made the API token ${text(e.details.name) ?? ''}`.trim(),
  'api_token.revoked': e => `revoked the API token ${text(e.details.name) ?? ''}`.trim(),
  'api_token.used': e => `used an API token: ${(text(e.details.operation) ?? 'a change').replaceAll('_', ' ')}`,
  'canned_reply.added': e => `added ${reply(e)}`,
  'canned_reply.changed': e => `changed ${reply(e)}${listed(e)}`,
  'canned_reply.deleted': e => `deleted ${reply(e)}`,
  'canned_reply.seeded': () => 'put in the first saved replies',
  'profile.saved': e => `saved the business profile${version(e)}`,
  'profile.restored': e => `went back to an older business profile${version(e)}`,
  'profile.file_taken': e => `took the business profile from its file${version(e)}`,
  'ensemble.saved': e => `changed how models answer${version(e)}`,
  'ensemble.restored': e => `went back to an older policy of the models${version(e)}`,
  'ensemble.file': e => `took the models’ policy from the file again${version(e)}`,
  'conversation.take': e => (e.details.force ? 'took over from a colleague' : 'took over a conversation'),
  'conversation.assign': () => 'assigned a conversation',
  'conversation.give_back': () => 'handed a conversation back to the AI',
  'conversation.resolve': () => 'resolved a conversation',
  'conversation.reopen': () => 'reopened a conversation',
  'conversation.unmute': () => 'let the assistant answer a number again that was taken for a machine',
  'handoff.claim': () => 'took a handoff',
  'handoff.resolve': () => 'settled a handoff',
  'assistant.confirmed': e => `said yes to the assistant: ${deed(e)}`,
  'assistant.declined': e => `said no to the assistant: ${deed(e)}`,
  'assistant.failed': e => `said yes to what could not be done: ${deed(e)}`,
  'report.exported': e => `took a file of a report: ${(e.subject ?? '').replaceAll('_', ' ')}`,
  'complaint.resolved': e => `settled a complaint${e.details.told ? ' and told the customer' : ''}`,
  'complaint.reopened': () => 'opened a complaint again',
  'complaint.topic': e => `said what a complaint is about: ${(text(e.details.topic) ?? '').replaceAll('_', ' ')}`,
  'complaint.follow_up_planned': () => 'planned to look after a complaint again',
  'complaint.follow_up_done': () => 'looked after a complaint again',
  'document.added': () => 'added a document',
  'document.changed': e => `changed a document${listed(e)}`,
  'document.read_again': () => 'had a document read again',
  'document.deleted': () => 'deleted a document',
  'document_piece.let_through': () => 'let a piece through that was held back',
  'question.answered': () => 'answered a question that had found nothing',
  'question.ignored': () => 'ignored a question that had found nothing',
  'question.open': () => 'opened a question again that had found nothing',
  'corpus_index.begun': e => `had all vectors made anew by ${text(e.details.model) ?? 'another model'}`,
  'lead.moved': e => `moved a lead to ${text(e.details.to) ?? 'another column'}`,
  'lead.taken_back': e => `took the move of a lead back to ${text(e.details.to) ?? 'where it was'}`,
  'lead.assigned': e =>
    text(e.details.name) ? `gave a lead to ${text(e.details.name)}` : 'took the assignment off a lead',
  'lead.noted': () => 'wrote a note about a lead',
  'booking.confirmed': e => `confirmed ${booking(e)} by hand`,
  'booking.deposit_asked': e => `asked again for the deposit of ${booking(e)}`,
  'booking.kept': e => `kept ${booking(e)} without a deposit`,
  'booking.moved': e => `moved ${booking(e)} to ${text(e.details.day) ?? ''} ${text(e.details.at) ?? ''}`.trim(),
  'booking.party_changed': e => `changed the guests of ${booking(e)}`,
  'booking.chef_chosen': e => `chose the chef of ${booking(e)}`,
  'booking.cancellation_asked': e => `asked to cancel ${booking(e)}`,
  'booking.cancellation_decided': e => `${e.details.approved ? 'cancelled' : 'declined to cancel'} ${booking(e)}`,
  'booking.started': e => `began ${booking(e)}`,
  'booking.completed': e => `ended ${booking(e)}`,
  'booking.no_show': e => `said that nobody was there at ${booking(e)}`,
  'chef.added': () => 'added a chef',
  'chef.changed': e => `changed a chef${listed(e)}`,
  'chef.hours_changed': () => 'changed when a chef works',
  'shadow.preferred': e => `judged a pair of answers: ${PREFERRED[text(e.details.preference) ?? ''] ?? 'either'}`,
  'shadow.preference_taken_back': () => 'took back what was said of a pair of answers',
  'coupon.proposed': () => 'proposed a coupon',
  'coupon.approved': () => 'approved a coupon',
  'coupon.rejected': () => 'rejected a coupon',
  'coupon.used': e => `used a coupon on ${booking(e)}`,
  'coupon.returned': () => 'gave a coupon back, as its party came to nothing',
}

const PREFERRED: Readonly<Record<string, string>> = {
  primary: 'the customer got the better one',
  candidate: 'the candidate had the better one',
  tie: 'both are as good',
}

function deed(e: Entry): string {
  return (text(e.details.verb) ?? 'something').replaceAll('_', ' ')
}

function booking(e: Entry): string {
  return typeof e.details.number === 'number' ? `booking #${e.details.number}` : 'a booking'
}

/** Fields as the staff know them. */
const FIELDS: Readonly<Record<string, string>> = {
  identity_secret: 'identity secret',
  theme: 'look',
  off_reason: 'on or off',
  ask: 'questions',
}

function changedStaff(e: Entry): string {
  const what = fields(e)
  const said = [
    what.includes('name') && (e.subject === e.actor_id ? 'changed their own name' : `renamed ${whom(e)}`),
    what.includes('role') && `made ${whom(e)} ${text(e.details.role) ?? 'something else'}`,
    what.includes('disabled_at') && `reactivated ${whom(e)}`,
  ].filter(Boolean)
  return said.join(', ') || `changed ${whom(e)}`
}

function listed(e: Entry): string {
  const names = fields(e).map(name => FIELDS[name] ?? name.replaceAll('_', ' '))
  return names.length ? `: ${names.join(', ')}` : ''
}

function fields(e: Entry): string[] {
  return Array.isArray(e.details.changed) ? e.details.changed.map(String) : []
}

/** An action that has no words here yet: its own, and the name of what it was done to. */
function plainly(e: Entry): string {
  const [noun = '', verb = ''] = e.action.split('.').map(part => part.replaceAll('_', ' '))
  const name = text(e.details.name) ?? text(e.details.key) ?? e.subject_name
  return `${verb} ${noun}${name ? ` ${name}` : ''}${listed(e)}`.trim()
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value ? value : null
}

const COLUMNS = ['when', 'who', 'did', 'action', 'subject', 'details']

/** As a spreadsheet reads it; nothing in it is taken for a formula. */
export function csv(entries: readonly Entry[]): string {
  const rows = entries.map(e => [e.at, who(e), did(e), e.action, e.subject ?? '', JSON.stringify(e.details)])
  return [COLUMNS, ...rows].map(row => row.map(cell).join(',')).join('\r\n')
}

/** A value as a spreadsheet reads it, and never as a formula. */
export function cell(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
