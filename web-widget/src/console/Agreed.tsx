/** Beside the thread: which texts the customer's number may get. */
import { Alert } from '../design/icons'
import { Facts } from './Facts'
import { useDesk } from './hooks'
import { Icon } from './Icon'
import { itemOf, standing } from './settings/consent/consent'
import { phone } from './settings/texting/texting'

export function Agreed({ id }: { id: string }) {
  const agreed = useDesk(d => d.details[id]?.consent)
  const role = useDesk(d => d.me.role)
  if (!agreed) return null
  const { address, transactional, marketing, stopped } = agreed
  const counts = standing({ transactional: transactional ?? undefined, marketing: marketing ?? undefined, stopped })
  return (
    <section>
      <h3>Texts</h3>
      {stopped ? (
        <p className="meta failed by-text">
          <Icon of={Alert} size={14} /> All texts are stopped. Only START, sent from that phone, begins them again.
        </p>
      ) : (
        <Facts facts={counts.map(([what, how]) => [what, how])} />
      )}
      {(role === 'owner' || role === 'admin') && (
        <p className="small">
          <a href={`#/settings/consent/${itemOf(address)}`}>Consent for {phone(address)}</a>
        </p>
      )}
    </section>
  )
}
