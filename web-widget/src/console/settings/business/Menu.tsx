import { AddIcon } from '../../../design/icons'
import { Icon } from '../../Icon'
import { Block } from '../frame'
import { faultAt, faultsBelow, inWords, newDish, set } from './draft'
import { type Editing, ProfileField } from './ProfileForm'
import { at, type Json, type Path } from './profile'
import { DISHES } from './sections'
import { dollars } from './typed'

interface Dish {
  readonly key: string
  readonly en: string
  readonly es?: string
  readonly words?: readonly string[]
  readonly allergens?: readonly string[]
  readonly price_cents?: number
}
interface Allergen extends Dish {
  readonly status: 'present' | 'absent' | 'on_request'
}
const STATUS = { present: 'on the menu', absent: 'never used', on_request: 'left out on request' } as const

/** What is on the table, by section; each dish opens to be changed. */
export function Menu({ draft, onEdit }: Editing) {
  const allergens = (at(draft.content, ['allergies', 'allergens']) ?? []) as unknown as readonly Allergen[]
  return (
    <Block title="Menu" words="What a dish is called, what it costs on top, and which allergens are in it.">
      {DISHES.map(({ key, title, priced }) => {
        const path = ['menu', key]
        const dishes = (at(draft.content, path) ?? []) as unknown as readonly Dish[]
        const add = () => {
          const fresh = { ...newDish(dishes), words: [], ...(priced && { price_cents: 0 }) }
          onEdit(set(draft, path, [...dishes, fresh] as unknown as Json))
        }
        return (
          <section key={key} className="dishes" aria-label={title}>
            <h3>{title}</h3>
            {dishes.map((dish, n) => (
              <DishRow
                key={dish.key}
                path={[...path, n]}
                dish={dish}
                allergens={allergens}
                draft={draft}
                onEdit={onEdit}
              />
            ))}
            <button type="button" className="button quiet same" onClick={add}>
              <Icon of={AddIcon} size={16} /> Add to {title.toLowerCase()}
            </button>
          </section>
        )
      })}
    </Block>
  )
}

interface DishProps extends Editing {
  path: Path
  dish: Dish
  allergens: readonly Allergen[]
}

function DishRow({ path, dish, allergens, ...editing }: DishProps) {
  const { draft, onEdit } = editing
  const wrong = faultsBelow(draft, path).length > 0
  const inIt = dish.allergens ?? []
  const names = allergens.filter(one => inIt.includes(one.key)).map(one => one.en)
  const words = (dish.words ?? []).join(', ')
  return (
    <details className="dish">
      <summary>
        <span className="dish-name">{dish.en || 'Without a name'}</span>
        <span className="soft small">{names.join(', ')}</span>
        {wrong && <span className="chip wrong">look at this</span>}
        {dish.price_cents !== undefined && <span className="price">+{dollars(dish.price_cents)}</span>}
      </summary>
      <div className="fields">
        <ProfileField def={{ path: [...path, 'en'], label: 'Name, English', kind: 'text' }} {...editing} />
        <ProfileField def={{ path: [...path, 'es'], label: 'Name, Spanish', kind: 'text' }} {...editing} />
        {dish.price_cents !== undefined && (
          <ProfileField
            def={{ path: [...path, 'price_cents'], label: 'Price on top, per person', kind: 'money' }}
            {...editing}
          />
        )}
      </div>
      <fieldset className="allergens" data-path={[...path, 'allergens'].join('.')} tabIndex={-1}>
        <legend>Allergens</legend>
        {allergens.map(one => (
          <label key={one.key} className="check">
            <input
              type="checkbox"
              checked={inIt.includes(one.key)}
              onChange={e => {
                const next = e.target.checked ? [...inIt, one.key] : inIt.filter(key => key !== one.key)
                onEdit(set(draft, [...path, 'allergens'], next))
              }}
            />
            {one.en}
          </label>
        ))}
      </fieldset>
      <p className="wrong-line" role="status">
        {faultAt(draft, [...path, 'allergens']) ?? faultAt(draft, path)}
      </p>
      <label className="labelled">
        What customers call it
        <input
          key={words}
          defaultValue={words}
          onBlur={e => {
            const list = e.target.value
              .split(',')
              .map(word => word.trim())
              .filter(Boolean)
            if (list.join(', ') !== words) onEdit(set(draft, [...path, 'words'], list))
          }}
        />
        <span className="hint-line">Words with commas between them, in English and Spanish.</span>
      </label>
      <button type="button" className="button same danger" onClick={() => onEdit(set(draft, path, undefined))}>
        Take {dish.en || 'it'} off the menu
      </button>
    </details>
  )
}

/** What is in the food and what is not, in the words that customers read. */
export function Allergens(editing: Editing) {
  const { draft, onEdit } = editing
  const all = (at(draft.content, ['allergies', 'allergens']) ?? []) as unknown as readonly Allergen[]
  return (
    <Block
      title="Allergens"
      words="What customers are told. Nothing is ever promised to be free of anything: the grill is shared."
    >
      <div className="dishes">
        {all.map((one, n) => {
          const path: Path = ['allergies', 'allergens', n]
          return (
            <details key={one.key} className="dish">
              <summary>
                <span className="dish-name">{one.en}</span>
                <span className="soft small">{STATUS[one.status]}</span>
                {faultsBelow(draft, path).length > 0 && <span className="chip wrong">look at this</span>}
              </summary>
              <label className="labelled">
                In our kitchen
                <select
                  value={one.status}
                  data-path={[...path, 'status'].join('.')}
                  onChange={e => onEdit(set(draft, [...path, 'status'], e.target.value))}
                >
                  {Object.entries(STATUS).map(([key, words]) => (
                    <option key={key} value={key}>
                      {words}
                    </option>
                  ))}
                </select>
              </label>
              <div className="fields">
                {(['en', 'es'] as const).map(language => (
                  <ProfileField
                    key={language}
                    def={{
                      path: [...path, 'note', language],
                      label: `What we say, ${language === 'en' ? 'English' : 'Spanish'}`,
                      kind: 'text',
                      long: true,
                    }}
                    {...editing}
                  />
                ))}
              </div>
              <p className="wrong-line" role="status">
                {faultsBelow(draft, path).map(inWords).join(' ')}
              </p>
            </details>
          )
        })}
      </div>
    </Block>
  )
}
