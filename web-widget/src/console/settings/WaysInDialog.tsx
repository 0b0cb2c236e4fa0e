import { Dialog } from '../Dialog'
import { Copyable } from './frame'
import type { WaysIn } from './people'

/** What a new or reset account gets in with: nobody can look at it again. */
export function WaysInDialog({ ways, onClose }: { ways: WaysIn; onClose(): void }) {
  return (
    <Dialog title={`Let ${ways.email} in`} onClose={onClose}>
      <p className="soft">Send one of these, by a way that only they read. They are shown once, here and now.</p>
      <div className="copies">
        <Copyable label="Sign-in link, good once within 15 minutes" text={`${location.origin}${ways.sign_in_path}`} />
        <Copyable label="One-time password, until they choose their own" text={ways.one_time_password} />
      </div>
      <form method="dialog" className="actions">
        <button type="submit" className="button primary">
          I have passed it on
        </button>
      </form>
    </Dialog>
  )
}
