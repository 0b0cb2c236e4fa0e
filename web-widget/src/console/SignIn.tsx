import { type FormEvent, useState } from 'react'
import * as api from './api'

interface Props {
  /** With a one-time password: the proof under which a lasting one is set. */
  mustChange: string | null
  why: string | null
  onSignedIn(answer: api.SignedIn): void
}

/** The door: e-mail and password, or a first password of one's own. */
export function SignIn({ mustChange, why, onSignedIn }: Props) {
  const [fault, setFault] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const field = (name: string) => String(form.get(name) ?? '')
    if (mustChange && field('password') !== field('again')) {
      setFault('The two passwords are not the same.')
      return
    }
    setBusy(true)
    try {
      const answer = mustChange
        ? await api.changePassword(field('password'), mustChange)
        : await api.signIn(field('email').trim(), field('password'))
      setFault(null)
      onSignedIn(answer)
    } catch (error) {
      setFault(explain(error))
    } finally {
      setBusy(false)
    }
  }
  const message = fault ?? why
  return (
    <main className="door">
      <form key={mustChange ? 'change' : 'sign-in'} className="card" onSubmit={event => void submit(event)}>
        <h1>{mustChange ? 'Choose your password' : 'Sign in'}</h1>
        <p className="soft">
          {mustChange ? 'The one-time password has done its work.' : 'The console of your Hibachi Gateway.'}
        </p>
        {message && (
          <p className="fault" role="alert">
            {message}
          </p>
        )}
        {mustChange ? <NewPassword /> : <Credentials />}
        <button type="submit" className="button primary wide" disabled={busy}>
          {mustChange ? 'Save and open the console' : 'Sign in'}
        </button>
      </form>
    </main>
  )
}

function Credentials() {
  return (
    <>
      <label className="labelled">
        E-mail
        <input name="email" type="email" autoComplete="username" required />
      </label>
      <label className="labelled">
        Password
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
    </>
  )
}

function NewPassword() {
  return (
    <>
      <label className="labelled">
        New password
        <input name="password" type="password" autoComplete="new-password" minLength={10} required />
      </label>
      <label className="labelled">
        The same again
        <input name="again" type="password" autoComplete="new-password" minLength={10} required />
      </label>
    </>
  )
}

function explain(error: unknown): string {
  if (!(error instanceof api.ApiError)) return 'The gateway does not answer. Try again in a moment.'
  if (error.message) return error.message
  if (error.status === 429) return 'Too many tries. Wait a few minutes, then try again.'
  if (error.status === 401) return 'That e-mail and password do not match.'
  return 'That did not work. Try again in a moment.'
}
