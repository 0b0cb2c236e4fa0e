/** What the business has written: the documents, what customers asked in vain, and what a question would find. */
import { useCallback } from 'react'
import { useDesk } from '../hooks'
import { Page } from '../settings/frame'
import { useLoaded, useLooking } from '../settings/loading'
import { CHIEFS } from '../settings/registry'
import { useApi } from '../settings/session'
import '../settings/settings.css'
import '../settings/sites.css'
import '../paneled.css'
import './knowledge.css'
import { DocumentList } from './DocumentList'
import { DocumentPanel } from './DocumentPanel'
import type { Questions } from './knowledge'
import { QuestionList } from './QuestionList'
import { Try } from './Try'

const AGAIN_MS = 30_000
const TABS = [
  { page: 'documents', href: '#/knowledge', title: 'Documents' },
  { page: 'questions', href: '#/knowledge/questions', title: 'Unanswered' },
  { page: 'try', href: '#/knowledge/try', title: 'Try a question' },
] as const

export default function Knowledge({ page, item }: { page: string | null; item: string | null }) {
  const role = useDesk(d => d.me.role)
  const chief = CHIEFS.some(one => one === role)
  const { get } = useApi()
  const load = useCallback(() => get<Questions>('questions?limit=1'), [get])
  const asked = useLoaded(load)
  const { again } = asked
  useLooking(again, AGAIN_MS)
  const tab = TABS.find(one => one.page === page) ?? TABS[0]
  const open = tab.page === 'documents' ? item : null
  const close = useCallback(() => {
    location.hash = '#/knowledge'
  }, [])
  return (
    <section className={`paneled knowledge ${open ? 'with-panel' : ''}`} aria-label="Knowledge">
      <div className="settings-page paneled-main">
        <div className="settings-measure">
          <Page
            title="Knowledge"
            words="What the assistant may answer from, and cite. Prices and other figures come from the profile, whatever a document says."
          >
            <nav className="views knowledge-tabs" aria-label="Knowledge">
              {TABS.map(one => (
                <a key={one.page} className="view" href={one.href} aria-current={one === tab ? 'page' : undefined}>
                  {one.title}
                  {one.page === 'questions' && <Open count={asked.value?.counts.open ?? 0} />}
                </a>
              ))}
            </nav>
            {tab.page === 'questions' ? (
              <QuestionList chief={chief} onChanged={again} />
            ) : tab.page === 'try' ? (
              <Try chief={chief} />
            ) : (
              <DocumentList chief={chief} open={open} />
            )}
          </Page>
        </div>
      </div>
      {open && <DocumentPanel key={open} id={open} chief={chief} onClose={close} />}
    </section>
  )
}

function Open({ count }: { count: number }) {
  if (count === 0) return null
  return (
    <span className="tally">
      {count}
      <span className="unseen"> open</span>
    </span>
  )
}
