/** What the models cost: today against the budgets, by day, model, agent and use, and the conversations that cost most. */
import { useCallback, useState } from 'react'
import { Alert } from '../../../design/icons'
import { Icon } from '../../Icon'
import { moment } from '../../when'
import { FigureTable } from '../FigureTable'
import { dollars } from '../figures'
import { Block, Copyable, Here, LookAgain, Page } from '../frame'
import { useLoaded } from '../loading'
import { useApi } from '../session'
import {
  agentOf,
  type BudgetToday,
  budgetOf,
  type Costs as CostsOf,
  calls,
  count,
  type NamedCost,
  question,
  roleOf,
  SPANS,
  type Span,
  shares,
  shownBudgets,
  stands,
  type TalkCost,
  USUAL,
  usedUp,
} from './costs'
import './costs.css'
import { DayPlot } from './DayPlot'

const EXAMPLE = '[[models]]\nname = "teacher"\nlitellm = "openai/gpt-4o-mini"\napi_key_env = "OPENAI_API_KEY"'

export default function Costs() {
  const { get } = useApi()
  const [span, setSpan] = useState<Span>(USUAL)
  const [today, setToday] = useState<string>()
  const asked = question(span, today)
  const load = useCallback(async () => {
    const found = await get<CostsOf>(asked)
    setToday(found.today)
    return found
  }, [get, asked])
  const costs = useLoaded(load)
  return (
    <Page
      title="Costs"
      words="What language models cost, as their providers charge for it. The house costs nothing."
      action={<LookAgain onLook={costs.again} />}
    >
      <Here of={costs} empty={{ when: none, words: <Nothing of={costs.value} /> }}>
        {found => (
          <>
            <Today found={found} />
            <Days span={span} onSpan={setSpan} found={found} />
            <Sums title="By model" of={found.models} name={name => name} />
            <Sums title="By agent" words="Whose turn it was." of={found.agents} name={agentOf} />
            <Sums title="By use" of={found.roles} name={roleOf} />
            <Talks talks={found.conversations} limit={found.conversation_limit} />
          </>
        )}
      </Here>
    </Page>
  )
}

function none({ configured, total }: CostsOf): boolean {
  return !configured && total.microdollars === 0
}

/** Why there is nothing, and how there would be. */
function Nothing({ of }: { of: CostsOf | null }) {
  const house = of?.models.find(one => one.name === 'house')
  return (
    <div className="cost-nothing">
      <p>
        No language model is configured, so nothing is spent: the house answers everybody
        {house ? ` (${count(house.calls)} times in these 30 days)` : ''}, without a key and without a bill.
      </p>
      <p>Put one into hibachi.toml and start again; what it costs appears here with its first reply.</p>
      <Copyable label="Lines for hibachi.toml" text={EXAMPLE} />
    </div>
  )
}

function Today({ found }: { found: CostsOf }) {
  return (
    <Block title="Today" words="A call is only made where each of its budgets has enough left; else the house answers.">
      <ul className="cost-budgets">
        {shownBudgets(found.budgets).map(one => (
          <Budget key={`${one.scope} ${one.name}`} of={one} />
        ))}
      </ul>
      {found.refused > 0 && (
        <p className="cost-refused" role="status">
          <Icon of={Alert} size={16} /> In the days below, {count(found.refused)}{' '}
          {found.refused === 1 ? 'turn was' : 'turns were'} answered without a model, for want of a budget.
        </p>
      )}
    </Block>
  )
}

function Budget({ of }: { of: BudgetToday }) {
  const { spent, held } = shares(of)
  return (
    <li>
      <span>
        {budgetOf(of)} {usedUp(of) && <span className="chip cost-full">used up</span>}
      </span>
      <span className="cost-money">
        {stands(of)}
        {of.held > 0 && <span className="soft small"> and {dollars(of.held)} held for calls that run</span>}
      </span>
      {of.limit !== undefined && (
        <span className={`cost-meter ${usedUp(of) ? 'full' : ''}`} aria-hidden="true">
          <span style={{ width: `${spent * 100}%` }} />
          <span className="held" style={{ width: `${held * 100}%` }} />
        </span>
      )}
    </li>
  )
}

function Days({ span, onSpan, found }: { span: Span; onSpan(span: Span): void; found: CostsOf }) {
  const { total } = found
  return (
    <Block title="By day">
      <div className="cost-head">
        <p>
          <strong className="cost-total">{dollars(total.microdollars)}</strong>{' '}
          <span className="soft">
            {calls(total.calls)}, {count(total.tokens_in)} tokens in, {count(total.tokens_out)} out
          </span>
        </p>
        <fieldset className="views">
          <legend className="unseen">Days</legend>
          {SPANS.map(days => (
            <button key={days} type="button" className="view" aria-pressed={days === span} onClick={() => onSpan(days)}>
              {days} days
            </button>
          ))}
        </fieldset>
      </div>
      {found.days.length > 0 ? <DayPlot costs={found} /> : <p className="soft">Nothing was spent in these days.</p>}
      {total.unpriced > 0 && (
        <p className="soft small">
          Of {calls(total.unpriced)} no price is known. Say it in hibachi.toml: <code>input_dollars_per_million</code>{' '}
          and <code>output_dollars_per_million</code>.
        </p>
      )}
    </Block>
  )
}

interface SumsProps {
  title: string
  words?: string
  of: readonly NamedCost[]
  name(name: string): string
}

function Sums({ title, words, of, name }: SumsProps) {
  if (of.length === 0) return null
  return (
    <Block title={title} words={words}>
      <FigureTable
        label={`Table: ${title}`}
        columns={[
          title.replace('By ', '').replace(/^./, first => first.toUpperCase()),
          'Calls',
          { name: 'Tokens in', className: 'cost-tokens' },
          { name: 'Tokens out', className: 'cost-tokens' },
          'Cost',
        ]}
      >
        {of.map(one => (
          <tr key={one.name}>
            <th scope="row">{name(one.name)}</th>
            <td>{count(one.calls)}</td>
            <td className="cost-tokens">{count(one.tokens_in)}</td>
            <td className="cost-tokens">{count(one.tokens_out)}</td>
            <td>{one.unpriced === one.calls ? 'no price' : dollars(one.microdollars)}</td>
          </tr>
        ))}
      </FigureTable>
    </Block>
  )
}

function Talks({ talks, limit }: { talks: readonly TalkCost[]; limit: number | undefined }) {
  if (talks.length === 0) return null
  const most = limit === undefined ? '' : ` One may cost ${dollars(limit)} in all its life.`
  return (
    <Block title="Costliest conversations" words={`Replies and drafts in these days.${most}`}>
      <ol className="cost-talks">
        {talks.map(one => (
          <li key={one.conversation}>
            <a href={`#/c/${one.conversation}`}>{one.customer || 'A visitor'}</a>
            <span className="soft small">
              {calls(one.calls)}, last {moment(one.last_at)}
            </span>
            <span className="cost-money">{dollars(one.microdollars)}</span>
          </li>
        ))}
      </ol>
    </Block>
  )
}
