// Client types from the wire's JSON Schema (src/protocol/schema.json, exported from the event models).
// `--check` writes nothing and fails where the file on disk would change.
import { readFileSync, writeFileSync } from 'node:fs'
import { compile } from 'json-schema-to-typescript'

const SCHEMA = new URL('../src/protocol/schema.json', import.meta.url)
const OUT = new URL('../src/protocol/events.ts', import.meta.url)

/** Titles of properties would each become a type of their own; only definitions are worth a name. */
function untitled(node) {
  if (Array.isArray(node)) return node.map(untitled)
  if (node === null || typeof node !== 'object') return node
  const { title: _title, ...rest } = node
  const kept = 'title' in node && typeof node.title !== 'string' ? node : rest
  return Object.fromEntries(Object.entries(kept).map(([key, value]) => [key, untitled(value)]))
}

const schema = JSON.parse(readFileSync(SCHEMA, 'utf8'))
const defs = Object.fromEntries(
  Object.entries(schema.$defs).map(([name, def]) => [name, { title: name, ...untitled(def) }]),
)
const types = await compile(
  { ...untitled(schema), title: schema.title, additionalProperties: false, $defs: defs },
  schema.title,
  {
    additionalProperties: false,
    bannerComment: "/** The wire's shapes, generated from schema.json by `npm run generate`; do not edit. */",
    format: true,
    style: { singleQuote: true, semi: false, printWidth: 120 },
  },
)

const before = (() => {
  try {
    return readFileSync(OUT, 'utf8')
  } catch {
    return ''
  }
})()
if (!process.argv.includes('--check')) writeFileSync(OUT, types)
else if (before !== types) {
  console.error('src/protocol/events.ts differs from schema.json: run `npm run generate`')
  process.exit(1)
}
