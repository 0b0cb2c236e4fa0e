/** How the text channel stands: the provider, our numbers, how we hear of texts, what waits, and what holds us back. */
import { type ReactNode, useCallback } from 'react'
import { hour } from '../../campaigns/words'
import { moment } from '../../when'
import { Alarms } from '../Alarms'
import { Block, Here, LookAgain, Page } from '../frame'
import { lasted } from '../jobs'
import { useLoaded, useLooking } from '../loading'
import { useApi } from '../session'
import {
  abilities,
  alarms,
  count,
  PROVIDER,
  phone,
  SUBSCRIPTION,
  standing,
  type TextNumber,
  type Texting as Told,
} from './texting'
import '../jobs.css'
import './texting.css'

const LOOK_EVERY_MS = 10_000

export default function Texting() {
  const { get } = useApi()
  const load = useCallback(() => get<Told>('texting'), [get])
  const told = useLoaded(load)
  const { again } = told
  useLooking(again, LOOK_EVERY_MS)
  return (
    <Page
      title="Texting"
      words="How text messages reach us and leave us. This page looks again by itself."
      action={<LookAgain onLook={again} />}
    >
      <Here of={told}>
        {of => (
          <>
            {of.provider === 'none' ? <Without /> : <Alarms found={alarms(of)} />}
            {(of.flow.out.unknown ?? 0) > 0 && (
              <p className="texting-settle">
                <a href="#/settings/texts">Settle them under Texts</a>
              </p>
            )}
            {of.provider !== 'none' && (
              <>
                <Provider of={of} />
                <Numbers numbers={of.numbers} />
                <Hearing of={of} />
              </>
            )}
            <Flow of={of} />
            <Limits of={of.limits} />
          </>
        )}
      </Here>
    </Page>
  )
}

function Without() {
  return (
    <div className="blank">
      <h2>No provider carries texts yet</h2>
      <p>
        Texts are kept and shown, and none is sent. To see everything without an account, run{' '}
        <code>hibachi sms simulate</code>: a phone in a browser page, with the same provider’s interface behind it.
      </p>
      <p>
        With an account, set <code>[sms] provider = "ringcentral"</code> in hibachi.toml. The guide{' '}
        <code>docs/ringcentral.md</code> goes through it step by step, and <code>hibachi doctor</code> says what is
        missing.
      </p>
    </div>
  )
}

function Provider({ of }: { of: Told }) {
  return (
    <Block title="Provider">
      <Facts>
        <Fact what="Provider">{PROVIDER[of.provider]}</Fact>
        <Fact what="Texts come from">{of.number ? phone(of.number) : 'the first number that can send'}</Fact>
        <Fact what="Set up">{of.missing.length === 0 ? 'Everything is set' : `Missing: ${of.missing.join(', ')}`}</Fact>
      </Facts>
      <p className="soft small">
        Set up step by step in <code>docs/ringcentral.md</code>; <code>hibachi sms status</code> asks the provider
        itself.
      </p>
    </Block>
  )
}

function Numbers({ numbers }: { numbers: readonly TextNumber[] }) {
  return (
    <Block title="Our numbers" words="As the provider tells them. A number that may not send is never tried.">
      {numbers.length === 0 ? (
        <p className="soft">The provider was not asked for them yet; a worker does that when it starts.</p>
      ) : (
        <ul className="job-lines">
          {numbers.map(one => (
            <li key={one.number}>
              <span className="figure">{phone(one.number)}</span>
              <span className={one.sends ? 'chip good' : 'chip bad'}>{abilities(one)}</span>
            </li>
          ))}
        </ul>
      )}
    </Block>
  )
}

function Hearing({ of }: { of: Told }) {
  const { state, expires_at, checked_at, told_at, polled_at, read_until, error } = of.subscription
  return (
    <Block
      title="How we hear of texts"
      words={`A webhook tells at once; every ${lasted(of.poll_seconds)} we look for what no webhook told.`}
    >
      <Facts>
        <Fact what="Subscription">
          <span className={state === 'active' ? 'chip good' : 'chip bad'}>{SUBSCRIPTION[state]}</span>
          {error && <span className="soft small"> {error}</span>}
        </Fact>
        <Fact what="Renewed before">{at(expires_at)}</Fact>
        <Fact what="Last checked">{at(checked_at)}</Fact>
        <Fact what="Last webhook">{at(told_at)}</Fact>
        <Fact what="Last look">{at(polled_at)}</Fact>
        <Fact what="Everything fetched up to">{at(read_until)}</Fact>
      </Facts>
    </Block>
  )
}

function Flow({ of: { flow } }: { of: Told }) {
  const out = standing(flow.out)
  return (
    <Block title="The last 24 hours">
      <Facts>
        <Fact what="Came in">{count(flow.taken, 'text')}</Fact>
        <Fact what="Still to fetch">
          {flow.announced === 0
            ? 'None'
            : `${count(flow.announced, 'text')}, the first for ${lasted(flow.oldest_seconds)}`}
        </Fact>
        <Fact what="Last one in">{at(flow.last_in)}</Fact>
        <Fact what="Last one out">{at(flow.last_out)}</Fact>
      </Facts>
      {out.length > 0 && (
        <ul className="text-states" aria-label="Texts that go out">
          {out.map(([state, n]) => (
            <li key={state} className="chip">
              {n} {state}
            </li>
          ))}
        </ul>
      )}
    </Block>
  )
}

function Limits({ of }: { of: Told['limits'] }) {
  return (
    <Block
      title="Limits"
      words="Of the settings [sms], and of the business for marketing. What is beyond them waits, or is refused with its reason."
    >
      <Facts>
        <Fact what="A minute, in all">{count(of.per_minute, 'text')}</Fact>
        <Fact what="An hour, to one number">{`${count(of.per_number_hour, 'text')} of the assistant`}</Fact>
        <Fact what="An hour, to one prefix">{count(of.per_prefix_hour, 'text')}</Fact>
        <Fact what="A day, campaigns aside">{count(of.per_day, 'text')}</Fact>
        <Fact what="A month, marketing to one number">{count(of.per_month, 'text')}</Fact>
        <Fact what="Of the recipient’s day">{`${hour(of.from_time)} to ${hour(of.to_time)}`}</Fact>
        <Fact what="Countries">{of.countries.join(', ')}</Fact>
        <Fact what="A segment costs">{`${of.cents_per_segment} ¢`}</Fact>
      </Facts>
    </Block>
  )
}

function at(time: string | undefined): string {
  return time ? moment(time) : 'never'
}

function Facts({ children }: { children: ReactNode }) {
  return <dl className="text-facts">{children}</dl>
}

function Fact({ what, children }: { what: string; children: ReactNode }) {
  return (
    <div>
      <dt className="small soft">{what}</dt>
      <dd>{children}</dd>
    </div>
  )
}
