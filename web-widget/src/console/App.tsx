/** Signed in or not: the session first, then the desk. */
import { useCallback, useEffect, useState } from 'react'
import { Away } from './Away'
import * as api from './api'
import { Desk } from './Desk'
import { SignIn } from './SignIn'

type Phase =
  | { name: 'starting' }
  | { name: 'away' }
  | { name: 'signed_out'; why: string | null }
  | { name: 'must_change'; csrf: string }
  | { name: 'signed_in'; session: api.Session }

const LINK = /^#sign-in=(.+)$/

export function App() {
  const [phase, setPhase] = useState<Phase>({ name: 'starting' })
  const arrive = useCallback((answer: api.SignedIn) => {
    if ('must_change' in answer) setPhase({ name: 'must_change', csrf: answer.csrf })
    else setPhase({ name: 'signed_in', session: answer })
  }, [])

  const look = useCallback(async () => {
    try {
      const session = await api.currentSession()
      if (session) arrive(session)
      else setPhase(p => (p.name === 'starting' || p.name === 'away' ? { name: 'signed_out', why: null } : p))
    } catch {
      setPhase(p => (p.name === 'starting' ? { name: 'away' } : p))
    }
  }, [arrive])

  useEffect(() => {
    // Once only, also under StrictMode: the link's token is taken out of the address before it is used.
    const link = LINK.exec(location.hash)?.[1]
    if (link) history.replaceState(null, '', location.pathname)
    if (!link) {
      void look()
      return
    }
    api
      .signInByLink(decodeURIComponent(link))
      .then(arrive, (error: unknown) => setPhase({ name: 'signed_out', why: explain(error) }))
  }, [arrive, look])

  const ended = useCallback(
    () => setPhase({ name: 'signed_out', why: 'Your session ended. Sign in again to go on.' }),
    [],
  )
  if (phase.name === 'starting') return null
  if (phase.name === 'away') return <Away onLook={look} />
  if (phase.name === 'signed_in')
    return (
      <Desk
        session={phase.session}
        onSession={arrive}
        onEnded={ended}
        onSignedOut={() => setPhase({ name: 'signed_out', why: null })}
      />
    )
  return (
    <SignIn
      mustChange={phase.name === 'must_change' ? phase.csrf : null}
      why={'why' in phase ? phase.why : null}
      onSignedIn={arrive}
    />
  )
}

function explain(error: unknown): string {
  if (error instanceof api.ApiError) return 'This sign-in link was used or has expired. Sign in with your password.'
  return 'The gateway does not answer. Try again in a moment.'
}
