/** The console's HTTP: signing in and out, socket tokens, the models' health. The session is a cookie; `csrf` proves the page. */
import type { Canned } from '../protocol/canned'
import type { SocketToken } from '../protocol/console-client'
import type { Staff } from '../protocol/wire'

export interface Session {
  csrf: string
  staff: Staff
}
export type SignedIn = Session | { must_change: true; csrf: string }
/** `ok` is absent for a model that was not called of late. */
export interface ModelHealth {
  model: string
  ok?: boolean
  why?: string | null
  since?: string | null
}

const KEPT_ALIVE = 16_000

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfterS: number | null,
    /** What else the refusal tells: every fault, what somebody faster saved. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
  }
}

export function signIn(email: string, password: string): Promise<SignedIn> {
  return call('POST', 'login', { email, password })
}

/** `link` is the token of a sign-in link, good once. */
export function signInByLink(link: string): Promise<SignedIn> {
  return call('POST', 'sign-in', { token: link })
}

export function changePassword(password: string, csrf: string): Promise<Session> {
  return call('POST', 'password', { password }, csrf)
}

/** The session behind the cookie, or null; one opened by a one-time password still asks for a lasting one. */
export async function currentSession(): Promise<SignedIn | null> {
  try {
    const { csrf, staff, must_change } = await call<Session & { must_change?: boolean }>('GET', 'session')
    return must_change ? { must_change, csrf } : { csrf, staff }
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return null
    throw error
  }
}

export async function signOut(csrf: string): Promise<void> {
  await call('POST', 'logout', {}, csrf)
}

/** As protocol.md has it. */
const TOKEN_LIFE_MS = 60_000

/** Null where the session has ended. */
export async function socketToken(csrf: string): Promise<SocketToken | null> {
  try {
    const { token, expires_at } = await call<{ token: string; expires_at: string }>('POST', 'socket-token', {}, csrf)
    return { token, at: Date.parse(expires_at) - TOKEN_LIFE_MS }
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return null
    throw error
  }
}

export async function models(): Promise<ModelHealth[]> {
  return (await call<{ models: ModelHealth[] }>('GET', 'models')).models
}

/** Everybody who works here now. */
export async function colleagues(): Promise<{ id: string; name: string }[]> {
  const { items } = await call<{ items: { id: string; name: string; disabled: boolean }[] }>('GET', 'staff')
  return items.filter(one => !one.disabled).map(({ id, name }) => ({ id, name }))
}

/** A receiver that was given up, by nobody of the staff. */
export interface OffWebhook {
  id: string
  url: string
  description: string
  off_reason?: string
}

/** For owners and admins. */
export async function offWebhooks(): Promise<OffWebhook[]> {
  const { items } = await call<{ items: OffWebhook[] }>('GET', 'webhooks')
  return items.filter(one => one.off_reason === 'gone' || one.off_reason === 'failing')
}

/** Empty where the gateway does not offer them. */
export async function cannedReplies(): Promise<Canned[]> {
  try {
    return (await call<{ items: Canned[] }>('GET', 'canned-replies')).items
  } catch (error) {
    if (error instanceof ApiError) return []
    throw error
  }
}

/** A passage that a reply was made from; it stands beside what is under `/api/admin/`, for visitors open theirs too. */
export function citation<T>(id: string): Promise<T> {
  return call('GET', `../citations/${id}`)
}

/** Anything else under `/api/admin/`; what changes something needs the session's `csrf`. A file is sent as it is. */
export async function call<T>(method: string, path: string, body?: object, csrf?: string): Promise<T> {
  const file = body instanceof Blob
  const headers: Record<string, string> = body && !file ? { 'content-type': 'application/json' } : {}
  if (csrf) headers['x-csrf-token'] = csrf
  const sent = file ? body : body && JSON.stringify(body)
  const size = (typeof sent === 'string' ? sent.length : sent?.size) ?? 0
  const response = await fetch(`/api/admin/${path}`, {
    method,
    headers,
    credentials: 'same-origin',
    // What was asked for is done, though the page goes away meanwhile: signing out above all.
    // Browsers refuse it to large bodies.
    keepalive: method !== 'GET' && size < KEPT_ALIVE,
    ...(sent ? { body: sent } : {}),
  })
  const text = await response.text()
  const answer = parsed(text)
  if (response.ok) return answer as T
  const wait = Number(response.headers.get('retry-after'))
  throw new ApiError(response.status, messageOf(answer), wait > 0 ? wait : null, detailsOf(answer))
}

function detailsOf(answer: unknown): Record<string, unknown> {
  const error = answer !== null && typeof answer === 'object' && 'error' in answer ? answer.error : null
  return error !== null && typeof error === 'object' ? { ...error } : {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The server's words for people, whichever of its shapes they come in. */
function messageOf(answer: unknown): string {
  if (answer === null || typeof answer !== 'object') return ''
  const { error, message } = answer as { error?: unknown; message?: unknown }
  if (typeof message === 'string') return message
  if (error && typeof error === 'object') return messageOf(error)
  return ''
}
