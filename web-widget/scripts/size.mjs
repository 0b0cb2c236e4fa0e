// What a visitor downloads, gzipped, against the budget; over it, the build fails. `--neighbours`: beside what others weigh.
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { NEIGHBOURS } from './neighbours.mjs'

const out = new URL('../../gateway/static/', import.meta.url)
const KB = 1024
const BUDGETS = [
  { name: 'loader', match: /^widget\.js$/, limit: 3 * KB },
  { name: 'chat app with loader', match: /^widget(-app-.*)?\.js$/, limit: 45 * KB },
  { name: 'a cited passage', match: /^widget-citation-.*\.js$/, limit: 4 * KB },
  { name: 'going on by text', match: /^widget-texting-.*\.js$/, limit: 4 * KB },
]

const ours = []
let over = false
for (const { name, match, limit } of BUDGETS) {
  const files = readdirSync(out).filter(file => match.test(file))
  if (files.length === 0) throw new Error(`${name}: nothing is built; run "npm run build"`)
  const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, out)), { level: 9 }).length, 0)
  over ||= size > limit
  ours.push({ name: `Hibachi, ${name}`, kb: (size / KB).toFixed(1), source: 'this build' })
  console.error(`${size > limit ? 'OVER' : 'ok  '} ${name}: ${(size / KB).toFixed(2)} KB gzip of ${limit / KB} KB`)
}
if (process.argv.includes('--neighbours')) {
  console.error('\nwhat a page loads, KB gzip')
  for (const { name, kb, source } of [...ours, ...NEIGHBOURS])
    console.error(`  ${name.padEnd(31)} ${kb.padStart(8)}   ${source}`)
}
if (over) process.exit(1)
