/** The signed-in console: rail, list, thread, details; one pane at a time on a phone. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import type { Canned } from '../protocol/canned'
import { ConsoleClient } from '../protocol/console-client'
import { browserShelf } from '../protocol/courier'
import { late } from '../protocol/loudness'
import type { Person } from '../protocol/mentions'
import { byHttp, Porter, readByHttp } from '../protocol/porter'
import * as api from './api'
import type { Exchange } from './assistant/Assistant'
import { type Proposal, waiting as waitingOf } from './assistant/asking'
import { draftSoon } from './assistant/going'
import { useAlerts } from './assistant/hooks'
import { BellContext, useBell } from './bell'
import { CannedContext } from './Canned'
import { PorterContext } from './Files'
import { Handoffs } from './Handoffs'
import { Help } from './Help'
import { ClientContext, useClient, useDesk, useGroups, useLasting, useNow, useRoute } from './hooks'
import { forget, useInstalled } from './installed'
import { useKeys } from './keys'
import { List } from './List'
import { Live } from './Live'
import { ColleaguesContext } from './Mentions'
import { Overdue } from './Overdue'
import { Palette } from './Palette'
import { Rail } from './Rail'
import type { View } from './route'
import { nextPage } from './settings/registry'
import { SessionContext, type SessionPlace } from './settings/session'
import { Unloaded } from './settings/Unloaded'
import { Thread } from './Thread'

// Looked into now and then: the first load does not carry it.
const Assistant = lazy(() => import('./assistant/Assistant'))
const Calendar = lazy(() => import('./calendar/Calendar'))
const Campaigns = lazy(() => import('./campaigns/Campaigns'))
const Complaints = lazy(() => import('./complaints/Complaints'))
const Knowledge = lazy(() => import('./knowledge/Knowledge'))
const Leads = lazy(() => import('./leads/Leads'))
const Payments = lazy(() => import('./payments/Payments'))
const Settings = lazy(() => import('./settings/Settings'))

interface Props {
  session: api.Session
  /** Something of the session changed: another name. */
  onSession(session: api.Session): void
  onEnded(): void
  onSignedOut(): void
}

export function Desk({ session, onSession, onEnded, onSignedOut }: Props) {
  const [client, setClient] = useState<{ made: ConsoleClient; porter: Porter } | null>(null)
  useEffect(() => {
    const made = new ConsoleClient({
      base: location.origin,
      me: session.staff,
      token: () => api.socketToken(session.csrf),
      shelf: browserShelf(() => sessionStorage),
    })
    const headers = () => ({ 'x-csrf-token': session.csrf })
    const { store } = made
    const porter = new Porter(
      () => store.get().files,
      action => store.dispatch({ type: 'files', action }),
      byHttp(location.origin, headers),
      id => readByHttp(location.origin, {}, id),
    )
    store.subscribe(() => store.get().link.state === 'up' && porter.pump())
    setClient({ made, porter })
    made.start()
    const wake = () => document.visibilityState === 'visible' && made.wake()
    document.addEventListener('visibilitychange', wake)
    window.addEventListener('pageshow', wake)
    window.addEventListener('online', wake)
    return () => {
      document.removeEventListener('visibilitychange', wake)
      window.removeEventListener('pageshow', wake)
      window.removeEventListener('online', wake)
      made.stop()
    }
  }, [session])

  const [canned, setCanned] = useState<readonly Canned[]>([])
  useEffect(() => {
    // Without them one writes by hand; the connection has its own line.
    api.cannedReplies().then(setCanned, () => undefined)
  }, [])

  const [colleagues, setColleagues] = useState<readonly Person[]>([])
  useEffect(() => {
    api.colleagues().then(setColleagues, () => undefined)
  }, [])

  const leave = () => {
    client?.made.stop()
    void forget()
    void api.signOut(session.csrf).finally(onSignedOut)
  }
  const place = useMemo<SessionPlace>(() => ({ session, onSession, onEnded }), [session, onSession, onEnded])
  if (!client) return null
  return (
    <ClientContext.Provider value={client.made}>
      <PorterContext.Provider value={client.porter}>
        <CannedContext.Provider value={canned}>
          <ColleaguesContext.Provider value={colleagues}>
            <SessionContext.Provider value={place}>
              <Panes onEnded={onEnded} onLeave={leave} />
            </SessionContext.Provider>
          </ColleaguesContext.Provider>
        </CannedContext.Provider>
      </PorterContext.Provider>
    </ClientContext.Provider>
  )
}

function Panes({ onEnded, onLeave }: { onEnded(): void; onLeave(): void }) {
  const client = useClient()
  const refused = useDesk(d => d.link.state === 'refused')
  const role = useDesk(d => d.me.role)
  const [route, go] = useRoute()
  const now = useNow()
  const grouped = useGroups(now)
  const { conversation } = route

  useEffect(() => {
    if (refused) onEnded()
  }, [refused, onEnded])
  useEffect(() => {
    void client.watch(conversation)
  }, [client, conversation])
  const waiting = grouped.needs.length
  const called = useDesk(d => d.mentions.length)
  const handoffs = useDesk(d => d.handoffs)
  const overdue = useMemo(() => late(handoffs, now), [handoffs, now])
  const tooLong = overdue.handoffs.length
  useEffect(() => {
    document.title = tooLong
      ? `(${tooLong}) Overdue · Console`
      : waiting
        ? `(${waiting}) Needs a person · Console`
        : called
          ? `(${called}) Mentioned · Console`
          : 'Console'
    // On the icon of an installed console; a browser that may not paint it says so, and nothing is lost.
    void navigator.setAppBadge?.(waiting + called).catch(() => undefined)
  }, [tooLong, waiting, called])
  const open = useCallback((id: string | null) => go({ view: 'inbox', conversation: id }), [go])
  const visit = (view: View, page?: string) => go({ view, page: page ?? null })
  const bell = useBell(waiting, called, overdue.loudness)
  const [over, setOver] = useState<'palette' | 'help' | 'ask' | null>(null)
  const { waits, again, drop } = useAlerts()
  const [exchange, setExchange] = useState<Exchange | null>(null)
  const ask = () => {
    again()
    setOver('ask')
  }
  const follow = ({ kind, target }: Proposal) => {
    if (kind === 'page') return visit('settings', target)
    if (kind === 'handoff') return visit('handoffs')
    if (kind === 'calendar') {
      const [page, ...item] = target.split('/')
      return go({ view: 'calendar', page: page ?? null, item: item.join('/') })
    }
    open(target)
    if (kind === 'draft') draftSoon()
  }
  useKeys({
    step(by) {
      if (route.view === 'settings') return go({ view: 'settings', page: nextPage(role, route.page, by) })
      const order = [...grouped.needs, ...grouped.mine, ...grouped.ai, ...grouped.quiet].map(r => r.id)
      const at = conversation ? order.indexOf(conversation) : -1
      const next = order[Math.min(Math.max(at + by, 0), order.length - 1)]
      if (next && route.view === 'inbox') open(next)
    },
    palette: () => setOver('palette'),
    help: () => setOver('help'),
    settings: () => visit('settings'),
    ask,
    search: () => document.querySelector<HTMLInputElement>('[data-search]')?.focus(),
  })

  return (
    <div className={`desk ${conversation ? 'reading' : ''}`}>
      <Rail
        view={route.view}
        waiting={waiting}
        onGo={visit}
        alerts={waits ? waitingOf(waits) : 0}
        onAsk={ask}
        bell={bell}
        onLeave={onLeave}
      />
      <main className="panes">
        <div className="wires">
          <Connection />
          <Newer />
          <Overdue late={overdue} now={now} onOpen={() => visit('handoffs')} />
        </div>
        {route.view === 'handoffs' ? (
          <Handoffs onOpen={open} />
        ) : route.view === 'live' ? (
          <Live onOpen={open} />
        ) : route.view === 'calendar' ? (
          <Unloaded>
            <Suspense>
              <Calendar page={route.page} item={route.item} />
            </Suspense>
          </Unloaded>
        ) : route.view === 'campaigns' ? (
          <Unloaded>
            <Suspense>
              <Campaigns page={route.page} item={route.item} />
            </Suspense>
          </Unloaded>
        ) : route.view === 'complaints' ? (
          <Unloaded>
            <Suspense>
              <Complaints page={route.page} />
            </Suspense>
          </Unloaded>
        ) : route.view === 'knowledge' ? (
          <Unloaded>
            <Suspense>
              <Knowledge page={route.page} item={route.item} />
            </Suspense>
          </Unloaded>
        ) : route.view === 'leads' ? (
          <Unloaded>
            <Suspense>
              <Leads page={route.page} />
            </Suspense>
          </Unloaded>
        ) : route.view === 'payments' ? (
          <Unloaded>
            <Suspense>
              <Payments page={route.page} />
            </Suspense>
          </Unloaded>
        ) : route.view === 'settings' ? (
          <Unloaded>
            <Suspense>
              <BellContext.Provider value={bell}>
                <Settings page={route.page} item={route.item} bell={bell} onLeave={onLeave} />
              </BellContext.Provider>
            </Suspense>
          </Unloaded>
        ) : (
          <>
            <List groups={grouped} selected={conversation} onOpen={open} now={now} />
            {conversation ? (
              <Thread key={conversation} id={conversation} now={now} onBack={() => open(null)} />
            ) : (
              <Nothing />
            )}
          </>
        )}
      </main>
      {over === 'help' && <Help onClose={() => setOver(is => (is === 'help' ? null : is))} />}
      {over === 'ask' && (
        <Suspense>
          <Assistant
            conversation={conversation}
            waits={waits}
            last={exchange}
            onAnswered={setExchange}
            onDismiss={drop}
            onGo={follow}
            onClose={() => setOver(is => (is === 'ask' ? null : is))}
          />
        </Suspense>
      )}
      {over === 'palette' && (
        <Palette
          onGo={visit}
          onOpen={open}
          onHelp={() => setOver('help')}
          onAsk={ask}
          onLeave={onLeave}
          onClose={() => setOver(is => (is === 'palette' ? null : is))}
        />
      )}
    </div>
  )
}

function Connection() {
  const link = useDesk(d => d.link)
  const lost = useLasting(link.state === 'up' ? null : link.since, 5000)
  if (!lost) return null
  return (
    <p className="connection" role="status">
      No connection. It comes back by itself; what you write is kept and sent then.
    </p>
  )
}

function Newer() {
  const newer = useInstalled()
  if (!newer) return null
  return (
    <p className="connection" role="status">
      A newer console is here.{' '}
      <button type="button" className="link" onClick={() => location.reload()}>
        Load it now
      </button>
    </p>
  )
}

function Nothing() {
  return (
    <section className="thread empty">
      <p>Choose a conversation. You will see every word as it is written, and can take over with t.</p>
    </section>
  )
}
