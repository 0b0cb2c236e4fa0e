/** Dead letters in words: what came to nothing, and why, as far as the gateway tells it. Pure. */

export interface DeadLetter {
  id: string
  kind: string
  error?: string
  attempts: number
  created_at: string
  conversation?: string
}

export interface DeadLetters {
  items: DeadLetter[]
  total: number
  cursor?: string
}

export interface Retried {
  id: string
  state: 'new' | 'working' | 'done'
}

const KINDS: Readonly<Record<string, string>> = {
  notify_staff: 'Telling staff that a customer waits',
  notify_mention: 'Telling a colleague of a mention',
  send_push: 'Waking a phone or computer of staff',
  deliver_webhook: 'Telling another system of an event',
  webhook_off: 'Telling staff that a webhook was switched off',
  booking_changed: 'Telling of a change of a booking',
  booking_timer: 'A moment of a booking',
  send_email: 'Sending an e-mail',
  payment_event: "Taking up a payment provider's message",
  send_refund: 'Sending money back',
  refund_done: 'Telling that money went back',
  unread_reply: 'Sending an unread answer by e-mail',
  escalate_handoff: 'Calling louder for a person',
  follow_up_due: 'Reminding of a complaint',
  complaint_recorded: 'Telling of a complaint',
  lead_waits: 'Telling of a lead that nobody looks after',
  campaign_paused: 'Telling of a campaign that paused by itself',
}

export function kindOf({ kind }: Pick<DeadLetter, 'kind'>): string {
  return KINDS[kind] ?? kind.replaceAll('_', ' ')
}

const CAUSES: Readonly<Record<string, string>> = {
  timeout: 'no answer in time',
  TimeoutError: 'no answer in time',
  connect: 'nobody listens there',
  ConnectionRefusedError: 'nobody listens there',
  reset: 'the connection was cut',
  dns: 'the name leads nowhere',
  tls: 'its certificate is not good',
  address_refused: 'the address is in a private network',
  protocol: 'it did not answer in HTTP',
  redirect: 'it answered with a redirect',
  status: 'it refused',
  SwitchedOff: 'the webhook was switched off',
  Unreadable: 'the gateway cannot read it any more',
  ValidationError: 'the gateway cannot read it any more',
}

/** Why it died, in a few words; the error's own name where there are none. */
export function causeOf({ error }: Pick<DeadLetter, 'error'>): string {
  if (!error) return 'the cause is not known'
  const status = /^Status(\d{3})$/.exec(error)?.[1]
  return status ? `it answered ${status}` : (CAUSES[error] ?? `it ended with ${error}`)
}

export function triedOf({ attempts }: DeadLetter): string {
  return attempts === 1 ? 'tried once' : `tried ${attempts} times`
}
