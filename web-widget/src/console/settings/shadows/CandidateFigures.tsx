/** One candidate: what its pairs come to, intent by intent and day by day. */
import { useCallback } from 'react'
import { FigureTable } from '../FigureTable'
import { dollars, took } from '../figures'
import { Block, Here } from '../frame'
import { useLoaded } from '../loading'
import { useApi } from '../session'
import { Plot, type Series } from './Plots'
import {
  type AllFigures,
  daysOf,
  type Figures,
  type Filter,
  figuresQuestion,
  intentOf,
  KINDS,
  near,
  type SideFigures,
  share,
  votes,
} from './shadows'

interface Props {
  filter: Filter
  onIntent(intent: string): void
}

export function CandidateFigures({ filter, onIntent }: Props) {
  const { get } = useApi()
  const asked = figuresQuestion(filter, filter.candidate, filter.intent)
  const load = useCallback(() => get<AllFigures>(asked), [get, asked])
  const figures = useLoaded(load)
  return (
    <Here of={figures}>
      {found =>
        found.intents.length === 0 ? (
          <div className="blank">No pair of {filter.candidate} in these days. They come as customers write.</div>
        ) : (
          <>
            <Intents of={found.intents} chosen={filter.intent} onIntent={onIntent} />
            <Block title={filter.intent ? `Day by day: ${intentOf(filter.intent)}` : 'Day by day'}>
              <Days figures={found.days} days={daysOf(found.since, filter.days)} candidate={filter.candidate} />
            </Block>
          </>
        )
      }
    </Here>
  )
}

const BOTH = ['Candidate', 'Customer got'] as const

function Intents({ of, chosen, onIntent }: { of: Figures[]; chosen: string; onIntent(intent: string): void }) {
  return (
    <Block title="By intent" words="Choose one to see its days and its pairs alone.">
      <FigureTable
        label="Table: By intent"
        columns={[
          'Intent',
          'Pairs',
          'Similar',
          'Worst tenth',
          'Same facts',
          'First token, half within',
          'Cost of one',
          'Staff prefer',
          'The critic',
        ]}
      >
        {of.map(one => (
          <Intent key={one.intent} of={one} chosen={one.intent === chosen} onIntent={onIntent} />
        ))}
      </FigureTable>
      <p className="hint-line">Where two figures stand: {BOTH.join(' / ').toLowerCase()}.</p>
    </Block>
  )
}

function Intent({ of, chosen, onIntent }: { of: Figures; chosen: boolean; onIntent(intent: string): void }) {
  const intent = of.intent ?? ''
  return (
    <tr>
      <th scope="row">
        <button type="button" className="view" aria-pressed={chosen} onClick={() => onIntent(chosen ? '' : intent)}>
          {intentOf(intent)}
        </button>
      </th>
      <td>{of.pairs}</td>
      <td>{near(of.similarity_mean)}</td>
      <td>{near(of.similarity_p10)}</td>
      <td>{share(of.agreement.all)}</td>
      <td>
        {took(of.shadow.first_token_p50_ms)} / {took(of.primary.first_token_p50_ms)}
      </td>
      <td>
        {dollars(of.shadow.cost_each_microdollars)} / {dollars(of.primary.cost_each_microdollars)}
      </td>
      <td>{votes(of.staff)}</td>
      <td>{votes(of.critic)}</td>
    </tr>
  )
}

const AGREE = { all: 'All four', amounts: 'Amounts', dates: 'Dates', tools: 'Tools', handoff: 'Handoff' } as const

function Days({ figures, days, candidate }: { figures: Figures[]; days: string[]; candidate: string }) {
  const known = new Map(figures.map(one => [one.day, one]))
  const each = (of: (one: Figures) => number | undefined) =>
    days.map(day => {
      const one = known.get(day)
      return one && of(one)
    })
  const speed = (what: 'first_token' | 'duration'): Series[] =>
    (['shadow', 'primary'] as const).flatMap(side =>
      (['p50', 'p95'] as const).map(part => ({
        name: `${side === 'shadow' ? candidate : BOTH[1]}, ${part === 'p50' ? 'half' : '95 %'} within`,
        look: `${side === 'shadow' ? 'candidate' : 'primary'}${part === 'p50' ? '' : '-far'}` as Series['look'],
        values: each(one => one[side][`${what}_${part}_ms` as keyof SideFigures]),
      })),
    )
  return (
    <div className="shadow-plots">
      <Plot
        title="Similarity"
        days={days}
        most={1}
        say={near}
        series={[
          { name: 'On average', look: 'candidate', values: each(one => one.similarity_mean) },
          { name: 'Worst tenth', look: 'candidate-far', values: each(one => one.similarity_p10) },
        ]}
      />
      <Plot
        title="Same facts"
        days={days}
        most={1}
        say={share}
        series={(['all', ...KINDS] as const).map(kind => ({
          name: AGREE[kind],
          look: kind,
          values: each(one => one.agreement[kind]),
        }))}
      />
      <Plot title="Until the first token" days={days} say={took} series={speed('first_token')} />
      <Plot title="Until the whole answer" days={days} say={took} series={speed('duration')} />
      <Plot
        title="Cost of an answer"
        days={days}
        say={dollars}
        series={[
          { name: candidate, look: 'candidate', values: each(one => one.shadow.cost_each_microdollars) },
          { name: BOTH[1], look: 'primary', values: each(one => one.primary.cost_each_microdollars) },
        ]}
      />
    </div>
  )
}
