/** Files on their way into the corpus, one after the other. */
import { useCallback, useReducer, useRef } from 'react'
import { newId } from '../../protocol/ids'
import { explain, useApi } from '../settings/session'
import type { Line } from './knowledge'

/** `why`: it did not go, and will not by itself. */
export interface Coming {
  id: string
  name: string
  why: string | null
}
type Step =
  | { type: 'picked'; files: Coming[] }
  | { type: 'failed'; id: string; why: string }
  | { type: 'gone'; id: string }

export function coming(state: readonly Coming[], step: Step): readonly Coming[] {
  switch (step.type) {
    case 'picked':
      return [...state, ...step.files]
    case 'failed':
      return state.map(file => (file.id === step.id ? { ...file, why: step.why } : file))
    case 'gone':
      return state.filter(file => file.id !== step.id)
  }
}

const MEGABYTE = 1024 * 1024

interface Sending {
  files: readonly Coming[]
  send(files: Iterable<File>): void
  forget(id: string): void
}

/** `came` is told of each that is there. */
export function useSending(megabytes: number, came: (line: Line) => void): Sending {
  const { post } = useApi()
  const [files, dispatch] = useReducer(coming, [])
  const line = useRef<Promise<void>>(Promise.resolve())
  const send = useCallback(
    (given: Iterable<File>) => {
      const picked = [...given].map(file => ({ id: newId(), file }))
      dispatch({ type: 'picked', files: picked.map(({ id, file }) => ({ id, name: file.name, why: null })) })
      for (const { id, file } of picked)
        line.current = line.current.then(async () => {
          if (file.size > megabytes * MEGABYTE)
            return dispatch({ type: 'failed', id, why: `It is larger than ${megabytes} MB.` })
          try {
            const made = await post<Line>(`documents/files?id=${id}&name=${encodeURIComponent(file.name)}`, file)
            dispatch({ type: 'gone', id })
            came(made)
          } catch (error) {
            dispatch({ type: 'failed', id, why: explain(error) })
          }
        })
    },
    [megabytes, came, post],
  )
  const forget = useCallback((id: string) => dispatch({ type: 'gone', id }), [])
  return { files, send, forget }
}
