/** What complaints have in common: plots, each with its numbers as a table. */
import { useCallback, useState } from 'react'
import { Block, Here, Page } from '../settings/frame'
import { useLoaded } from '../settings/loading'
import { useApi } from '../settings/session'
import { long, type Patterns, type Share, weekOf } from './complaints'
import { Stacked, Trend } from './Plot'

const SPANS = [4, 12, 26, 52] as const

export function PatternsPage() {
  const { get } = useApi()
  const [weeks, setWeeks] = useState<number>(12)
  const load = useCallback(() => get<Patterns>(`complaints/patterns?weeks=${weeks}`), [get, weeks])
  const found = useLoaded(load)
  return (
    <Page
      title="Patterns"
      words="What complaints have in common, week by week."
      back={{ href: '#/complaints', label: 'Complaints' }}
      action={
        <fieldset className="views" aria-label="Weeks">
          {SPANS.map(span => (
            <button
              key={span}
              type="button"
              className="view"
              aria-pressed={span === weeks}
              onClick={() => setWeeks(span)}
            >
              {span} weeks
            </button>
          ))}
        </fieldset>
      }
    >
      <Here
        of={found}
        empty={{
          when: all => all.weeks.every(week => week.minor + week.moderate + week.severe === 0),
          words: 'Nobody complained in these weeks. What customers are unhappy about is counted here.',
        }}
      >
        {all => <All of={all} />}
      </Here>
    </Page>
  )
}

function All({ of }: { of: Patterns }) {
  const weeks = of.weeks.map(week => ({ name: weekOf(week.monday), week }))
  return (
    <div className="patterns">
      <Block title="How many, and how severe">
        <Stacked weeks={of.weeks} />
        <Table
          head={['Week of', 'Severe', 'Moderate', 'Minor']}
          rows={weeks.map(({ name, week }) => [name, week.severe, week.moderate, week.minor])}
        />
      </Block>
      <Block title="What about">
        <Bars shares={of.topics} none="No complaint has a topic yet." />
      </Block>
      <Block title="With which chef" words="Of the party before the complaint.">
        <Bars shares={of.chefs} none="No complaint came after a party with a chef." />
      </Block>
      <Block title="From which station">
        <Bars shares={of.stations} none="No complaint came after a party." />
      </Block>
      <Block title="Until a person answered" words={`In the middle ${long(of.answer_minutes)}.`}>
        <Trend weeks={of.weeks} value={week => week.answer_minutes} label="Minutes until a person answered" />
        <Table
          head={['Week of', 'Until answered']}
          rows={weeks.map(({ name, week }) => [name, long(week.answer_minutes)])}
        />
      </Block>
      <Block title="Until it was settled" words={`In the middle ${long(of.resolve_minutes)}.`}>
        <Trend
          weeks={of.weeks}
          value={week => (week.resolve_minutes === undefined ? undefined : week.resolve_minutes / 60)}
          label="Hours until it was settled"
        />
        <Table
          head={['Week of', 'Until settled']}
          rows={weeks.map(({ name, week }) => [name, long(week.resolve_minutes)])}
        />
      </Block>
    </div>
  )
}

/** Numbers and bars in one: read aloud it is a list. */
function Bars({ shares, none }: { shares: readonly Share[]; none: string }) {
  if (shares.length === 0) return <p className="soft">{none}</p>
  const most = Math.max(...shares.map(share => share.count))
  return (
    <ul className="bars">
      {shares.map(share => (
        <li key={share.name}>
          <span>{share.name}</span>
          <span className="bar-track">
            <span className="bar" style={{ inlineSize: `${(share.count / most) * 100}%` }} />
          </span>
          <span className="bar-count">
            {share.count}
            {share.of !== undefined && <span className="soft"> in {share.of} parties</span>}
          </span>
        </li>
      ))}
    </ul>
  )
}

function Table({ head, rows }: { head: string[]; rows: (string | number)[][] }) {
  return (
    <details className="as-table">
      <summary>As a table</summary>
      <table>
        <thead>
          <tr>
            {head.map(cell => (
              <th key={cell} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...cells]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {cells.map((cell, n) => (
                <td key={head[n + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
