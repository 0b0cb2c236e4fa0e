/** The edge of the files: carries them over HTTP one after the other, tells how far each is, and hands back what is known. */

import type { Files, FilesAction, Why } from './files'
import { newId as uuid } from './ids'
import type { Attachment, WireError } from './wire'

/** Begins at once; what it returns ends it. `over` is called once, unless it was ended. */
export type Carry = (file: File, part: (part: number) => void, over: (answer: Carried) => void) => () => void
/** Null: it got lost on the way. */
export type Carried = Attachment | { error: WireError } | null

/** The server gives up after two minutes. */
const LONGEST_MS = 130_000
const WHY: Readonly<Record<string, Why>> = { bad_request: 'kind', too_large: 'large', rate_limited: 'spent' }

export class Porter {
  private readonly held = new Map<string, File>()
  private readonly known = new Map<string, Promise<Blob>>()
  private cancel: (() => void) | null = null

  constructor(
    private readonly get: () => Files,
    private readonly dispatch: (action: FilesAction) => void,
    private readonly carry: Carry,
    private readonly fetch: (id: string) => Promise<Blob>,
    private readonly newId: () => string = uuid,
  ) {}

  pick(place: string, given: Iterable<File>): void {
    const files = [...given].map(file => ({ id: this.newId(), file }))
    for (const { id, file } of files) this.held.set(id, file)
    this.dispatch({
      type: 'picked',
      place,
      files: files.map(({ id, file: { name, type, size } }) => ({ id, name, type, size })),
    })
  }

  drop(id: string): void {
    if (this.get().some(f => f.id === id && f.state === 'sending')) this.stop()
    this.held.delete(id)
    this.dispatch({ type: 'drop', id })
  }

  retry(id: string): void {
    this.dispatch({ type: 'set', id, to: { state: 'waiting', why: null } })
  }

  /** Carries on; call it whenever the state or the connection changed. */
  pump(): void {
    const next = this.get().find(f => f.state === 'waiting')
    const file = next && this.held.get(next.id)
    if (this.cancel || !file) return
    const { id } = next
    const set = (to: Extract<FilesAction, { type: 'set' }>['to']) => this.dispatch({ type: 'set', id, to })
    this.cancel = this.carry(
      file,
      part => set({ part }),
      answer => {
        this.cancel = null
        if (answer && 'id' in answer) {
          this.known.set(answer.id, Promise.resolve(file))
          set({ state: 'done', part: 1, upload: answer })
        } else set({ state: 'failed', part: 0, why: (answer && WHY[answer.error.code]) ?? 'lost' })
      },
    )
    set({ state: 'sending', part: 0 })
  }

  /** A file that was picked here, before it is anywhere else. */
  picked(id: string): File | undefined {
    return this.held.get(id)
  }

  /** The content of a message's file; asked for once. */
  read(id: string): Promise<Blob> {
    const known = this.known.get(id) ?? this.fetch(id)
    this.known.set(id, known)
    known.catch(() => this.known.delete(id))
    return known
  }

  private stop(): void {
    this.cancel?.()
    this.cancel = null
  }
}

/** Over XMLHttpRequest, which alone tells how much of a body has gone. */
export function byHttp(base: string, headers: () => Record<string, string>): Carry {
  return (file, part, over) => {
    const ask = new XMLHttpRequest()
    ask.open('POST', `${base}/api/uploads?name=${encodeURIComponent(file.name)}`)
    ask.responseType = 'json'
    for (const [name, value] of Object.entries(headers())) ask.setRequestHeader(name, value)
    ask.upload.onprogress = e => part(e.loaded / e.total)
    ask.onload = () => over(ask.response)
    ask.timeout = LONGEST_MS
    ask.onerror = ask.ontimeout = () => over(null)
    ask.send(file)
    return () => ask.abort()
  }
}

export async function readByHttp(base: string, headers: Record<string, string>, id: string): Promise<Blob> {
  const answer = await fetch(`${base}/api/uploads/${id}`, { headers })
  if (!answer.ok) throw new Error(`file ${answer.status}`)
  return answer.blob()
}
