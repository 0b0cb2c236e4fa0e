// Takes what names a host out of package-lock.json: run after any `npm install`. Versions and integrity stay.
import { readFileSync, writeFileSync } from 'node:fs'

const LOCK = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(LOCK, 'utf8'))
for (const entry of Object.values(lock.packages)) {
  delete entry.funding
  delete entry.resolved
}
writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`)
