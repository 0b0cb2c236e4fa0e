/** Files on their way to the server, ahead of the message that carries them: what may go, how far each is. Pure. */
import type { Attachment } from './wire'

export const KINDS = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'application/pdf']
export const LARGEST = 10 * 1024 * 1024
/** In one message. */
export const MOST = 10

/** Why one does not go: not of a kind that is taken, too large, too many; the day's are spent; or it got lost on the way. */
export type Why = 'kind' | 'large' | 'many' | 'spent' | 'lost'

export interface Coming {
  /** Of this page. */
  id: string
  /** The field that it was put into. */
  place: string
  name: string
  type: string
  size: number
  state: 'waiting' | 'sending' | 'done' | 'failed'
  /** How much of it is there, 0 to 1. */
  part: number
  why: Why | null
  upload: Attachment | null
}
export type Picked = Pick<Coming, 'id' | 'name' | 'type' | 'size'>
export type Files = readonly Coming[]

export type FilesAction =
  | { type: 'picked'; place: string; files: readonly Picked[] }
  | { type: 'set'; id: string; to: Partial<Pick<Coming, 'state' | 'part' | 'why' | 'upload'>> }
  | { type: 'drop'; id: string }
  /** Their message is on its way. */
  | { type: 'said'; place: string }
  /** The server is there; `fresh`: it knows nothing of what was sent before. */
  | { type: 'up'; fresh: boolean }

export function files(state: Files, action: FilesAction): Files {
  switch (action.type) {
    case 'picked': {
      const all = [...state]
      for (const file of action.files) all.push(judged(all, action.place, file))
      return all
    }
    case 'set':
      return state.map(f => (f.id === action.id ? { ...f, ...action.to } : f))
    case 'drop':
      return state.filter(f => f.id !== action.id)
    case 'said':
      // What can be tried again stays, and what is still on its way.
      return state.filter(f => f.place !== action.place || !(f.state === 'done' || hopeless(f)))
    case 'up':
      return state.map(f =>
        f.why === 'lost' || (action.fresh && f.state === 'done')
          ? { ...f, state: 'waiting', why: null, upload: null }
          : f,
      )
  }
}

/** Trying again would not help. */
export function hopeless(f: Coming): boolean {
  return f.why === 'kind' || f.why === 'large' || f.why === 'many'
}

/** What the field holds that is not there yet. */
export function coming(state: Files, place: string): boolean {
  return state.some(f => f.place === place && (f.state === 'waiting' || f.state === 'sending'))
}

/** What a message of this field takes along. */
export function ready(state: Files, place: string): Attachment[] {
  return state.flatMap(f => (f.place === place && f.upload ? [f.upload] : []))
}

/** A message for where there are no pictures: an ear, a text file, a single line. */
export function inWords({ text, attachments }: { text: string; attachments?: readonly Attachment[] | null }): string {
  return [text, ...(attachments ?? []).map(a => `[${a.name}]`)].filter(Boolean).join(' ')
}

/** "1.2 MB" */
export function sizeLabel(bytes: number, language: string): string {
  const kilo = Math.ceil(bytes / 1024)
  const [n, unit] = kilo < 1000 ? [kilo, 'KB'] : [Math.round(kilo / 102.4) / 10, 'MB']
  return `${n.toLocaleString(language)} ${unit}`
}

function judged(all: Files, place: string, file: Picked): Coming {
  const taken = all.filter(f => f.place === place && !hopeless(f)).length
  const why = !KINDS.includes(file.type) ? 'kind' : file.size > LARGEST ? 'large' : taken >= MOST ? 'many' : null
  return { ...file, place, state: why ? 'failed' : 'waiting', part: 0, why, upload: null }
}
