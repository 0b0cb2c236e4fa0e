// What a visitor downloads, gzipped, against the budget; over it, the build fails.
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const out = new URL('../../gateway/static/', import.meta.url)
const KB = 1024
const BUDGETS = [
  { name: 'loader', match: /^widget\.js$/, limit: 3 * KB },
  { name: 'chat app with loader', match: /^widget(-app-.*)?\.js$/, limit: 45 * KB },
]

let over = false
for (const { name, match, limit } of BUDGETS) {
  const files = readdirSync(out).filter(file => match.test(file))
  if (files.length === 0) throw new Error(`${name}: nothing is built; run "npm run build"`)
  const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, out)), { level: 9 }).length, 0)
  over ||= size > limit
  console.error(`${size > limit ? 'OVER' : 'ok  '} ${name}: ${(size / KB).toFixed(2)} KB gzip of ${limit / KB} KB`)
}
if (over) process.exit(1)
