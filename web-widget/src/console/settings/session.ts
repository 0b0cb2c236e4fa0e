/** Who is signed in, and HTTP in their name: what every page of the settings asks and changes goes through here. */
import { createContext, useContext, useMemo } from 'react'
import { ApiError, call, type Session } from '../api'

export interface SessionPlace {
  session: Session
  onSession(session: Session): void
  onEnded(): void
}

export const SessionContext = createContext<SessionPlace | null>(null)

export function useSession(): SessionPlace {
  const place = useContext(SessionContext)
  if (!place) throw new Error('a page of the settings stands outside its session')
  return place
}

/** Paths are those below `/api/admin/`. A refusal is an `ApiError` with the server's words; a session that ended leads to the door. */
export interface Api {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: object): Promise<T>
  patch<T>(path: string, body: object): Promise<T>
  put<T>(path: string, body: object): Promise<T>
  remove<T>(path: string): Promise<T>
}

export function useApi(): Api {
  const { session, onEnded } = useSession()
  const { csrf } = session
  return useMemo(() => {
    const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
      try {
        return await call<T>(method, path, body, method === 'GET' ? undefined : csrf)
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) onEnded()
        throw error
      }
    }
    return {
      get: path => ask('GET', path),
      post: (path, body) => ask('POST', path, body),
      patch: (path, body) => ask('PATCH', path, body),
      put: (path, body) => ask('PUT', path, body),
      remove: path => ask('DELETE', path),
    }
  }, [csrf, onEnded])
}

/** What went wrong, for a person: the server's own words where it has any. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return 'The gateway does not answer. Nothing was changed; try again in a moment.'
  return error.message || 'That did not work. Nothing was changed; try again in a moment.'
}
