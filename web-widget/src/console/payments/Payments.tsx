/** Money: what came in, what waits for a person, what goes back, how it stands. */
import { useCallback, useState } from 'react'
import { AddIcon, Again } from '../../design/icons'
import { useDesk } from '../hooks'
import { Icon } from '../Icon'
import { Here, Page } from '../settings/frame'
import { useLoaded, useLooking } from '../settings/loading'
import { CHIEFS } from '../settings/registry'
import { useApi } from '../settings/session'
import '../settings/settings.css'
import '../complaints/complaints.css'
import { Accounts } from './Accounts'
import { CameIn } from './CameIn'
import { Cash, Paste } from './Dialogs'
import { NoticesPage } from './Notices'
import './payments.css'
import type { Money } from './payments'
import { RefundsPage } from './Refunds'

const AGAIN_MS = 30_000
const TABS = [
  { page: null, href: '#/payments', title: 'Came in' },
  { page: 'notices', href: '#/payments/notices', title: 'Notices' },
  { page: 'refunds', href: '#/payments/refunds', title: 'Going back' },
  { page: 'accounts', href: '#/payments/accounts', title: 'Accounts' },
] as const

export default function Payments({ page }: { page: string | null }) {
  const role = useDesk(d => d.me.role)
  return (
    <section className="page settings-page payments" aria-label="Payments">
      <div className="settings-measure">{CHIEFS.some(one => one === role) ? <All page={page} /> : <PasteOnly />}</div>
    </section>
  )
}

function All({ page }: { page: string | null }) {
  const { get } = useApi()
  const load = useCallback(() => get<Money>('money'), [get])
  const money = useLoaded(load)
  const [open, setOpen] = useState<'paste' | 'cash' | null>(null)
  const [turn, setTurn] = useState(0)
  const { again } = money
  const changed = useCallback(() => {
    again()
    setTurn(now => now + 1)
  }, [again])
  useLooking(again, AGAIN_MS)
  return (
    <Page
      title="Payments"
      words="What came in, by whatever way, and what goes back. Every cent of it stands in the ledger."
      action={
        <div className="actions start">
          <button type="button" className="button" onClick={() => setOpen('cash')}>
            <Icon of={AddIcon} size={16} /> Write down cash
          </button>
          <button type="button" className="button primary" onClick={() => setOpen('paste')}>
            <Icon of={AddIcon} size={16} /> Paste a notice
          </button>
        </div>
      }
    >
      <nav className="views payment-tabs" aria-label="Payments">
        {TABS.map(tab => (
          <a key={tab.title} className="view" href={tab.href} aria-current={tab.page === page ? 'page' : undefined}>
            {tab.title}
            <Waiting count={countOf(tab.page, money.value)} />
          </a>
        ))}
        <button type="button" className="view" disabled={money.waiting} onClick={changed}>
          <Icon of={Again} size={15} /> Look again
        </button>
      </nav>
      {page === 'notices' ? (
        <NoticesPage turn={turn} onChanged={changed} />
      ) : page === 'refunds' ? (
        <RefundsPage turn={turn} onChanged={changed} />
      ) : page === 'accounts' ? (
        <Here of={money}>{all => <Accounts of={all} />}</Here>
      ) : (
        <CameIn turn={turn} onChanged={changed} />
      )}
      {open === 'paste' && <Paste onDone={changed} onClose={() => setOpen(null)} />}
      {open === 'cash' && <Cash onDone={changed} onClose={() => setOpen(null)} />}
    </Page>
  )
}

/** How much of a page waits for a person. */
function countOf(page: string | null, money: Money | null): number {
  if (page === 'notices') return money?.waiting ?? 0
  return page === 'refunds' ? (money?.to_give_back ?? 0) : 0
}

function Waiting({ count }: { count: number }) {
  if (count === 0) return null
  return (
    <span className="tally">
      {count}
      <span className="unseen"> waiting</span>
    </span>
  )
}

/** Who may not see money may still hand in what tells of it. */
function PasteOnly() {
  const [open, setOpen] = useState(false)
  return (
    <Page title="Payments" words="You may paste a notice of Venmo or Zelle. Owners and admins see what came in.">
      <div>
        <button type="button" className="button primary" onClick={() => setOpen(true)}>
          <Icon of={AddIcon} size={16} /> Paste a notice
        </button>
      </div>
      {open && <Paste onDone={() => undefined} onClose={() => setOpen(false)} />}
    </Page>
  )
}
