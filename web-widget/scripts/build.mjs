// Builds every page into ../gateway/static: first what others carry the hashed name of.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
// Built aside and moved in one step: a running gateway never serves half a build.
const out = fileURLToPath(new URL('../dist', import.meta.url))
const served = fileURLToPath(new URL('../../gateway/static', import.meta.url))
const shared = { root, configFile: false, logLevel: 'warn', publicDir: false, resolve: { dedupe: ['preact', 'react'] } }

/** What the visitor need not download: a transport that is never dialled, binary packets, which this wire does not know. */
const INSTEAD = [
  // Reconnecting is src/protocol/socket.ts's own.
  [
    '/socket.io-client/build/esm/contrib/backo2.js',
    'export class Backoff { setMin() {} setMax() {} setJitter() {} reset() {} }',
  ],
  ['/engine.io-client/build/esm/transports/webtransport.js', 'export class WT {}'],
  // Its own way over `fetch` is a third of the one over XMLHttpRequest.
  ['/engine.io-client/build/esm/transports/polling-xhr.js', "export { Fetch as XHR } from './polling-fetch.js'"],
  // One connection for each chat: nothing to look up, none to share.
  [
    '/socket.io-client/build/esm/index.js',
    `import { Manager } from './manager.js'
    export function io(url, options) {
      const { origin, pathname } = new URL(url)
      return new Manager(origin, options).socket(pathname, options)
    }`,
  ],
  ['/engine.io-client/build/esm/contrib/parseuri.js', `export { parse } from '${root}src/protocol/address.ts'`],
]
const TEXT = {
  'socket.io-parser': `${root}src/protocol/packets.ts`,
  'engine.io-parser': `${root}src/protocol/frames.ts`,
}
/** Two of its parts are wanted, not the parser as an object. */
const PARTS = [
  'import * as parser from "socket.io-parser"',
  'import { Encoder, Decoder } from "socket.io-parser"\nconst parser = { Encoder, Decoder }',
]
/** Methods of its socket that nobody here calls: each goes where it stands. */
const UNCALLED = new RegExp(
  `^ {4}(?:${[
    'send',
    'emitWithAck',
    'compress',
    'onAny',
    'prependAny',
    'offAny',
    'listenersAny',
    'onAnyOutgoing',
    'prependAnyOutgoing',
    'offAnyOutgoing',
    'listenersAnyOutgoing',
  ].join('|')})\\(.*?^ {4}\\}\\n`,
  'gms',
)
/** What it says to who works on it. */
const ASSERTED = /^ *console\.assert\(.*\)$/gm
const lean = {
  name: 'lean',
  enforce: 'pre',
  load: id => INSTEAD.find(([file]) => id.endsWith(file))?.[1],
  transform: (code, id) => {
    if (id.endsWith('/socket.io-client/build/esm/manager.js')) return code.replace(...PARTS)
    if (id.endsWith('/socket.io-client/build/esm/socket.js')) return code.replace(UNCALLED, '')
    return id.includes('/streaming-markdown/') ? code.replace(ASSERTED, '') : null
  },
}

/** One classic script in one file: no chunk to fetch, nothing left on `window`. */
function script(entry, fileName, define = {}, oxc = {}, outDir = out) {
  return {
    ...shared,
    plugins: [lean],
    resolve: { ...shared.resolve, alias: TEXT },
    define: { 'process.env.NODE_ENV': '"production"', ...define },
    oxc,
    build: {
      outDir,
      emptyOutDir: false,
      // No older browser has constructed style sheets.
      target: 'es2022',
      cssMinify: true,
      rollupOptions: { input: entry, output: { format: 'iife', entryFileNames: fileName } },
    },
  }
}

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
// The viewer of cited passages: fetched when a visitor opens one.
await build(script('src/widget/citation.ts', 'widget-citation-[hash].js'))
const citation = readdirSync(out).find(name => /^widget-citation-.*\.js$/.test(name))
if (!citation) throw new Error('the viewer of citations was not built')
// What takes a talk on by text: fetched when a visitor wants it.
await build(script('src/widget/texting.ts', 'widget-texting-[hash].js'))
const texting = readdirSync(out).find(name => /^widget-texting-.*\.js$/.test(name))
if (!texting) throw new Error('what goes on by text was not built')
await build(
  script(
    'src/widget/main.tsx',
    'widget-app-[hash].js',
    { __CITATION__: JSON.stringify(citation), __TEXTING__: JSON.stringify(texting) },
    { jsx: { runtime: 'automatic', importSource: 'preact' } },
  ),
)
const app = readdirSync(out).find(name => /^widget-app-.*\.js$/.test(name))
if (!app) throw new Error('the chat app was not built')
// The console's preview of the chat: fetched only where a site is edited.
await build(
  script(
    'src/widget/preview.tsx',
    'widget-preview-[hash].js',
    {},
    { jsx: { runtime: 'automatic', importSource: 'preact' } },
  ),
)
const preview = readdirSync(out).find(name => /^widget-preview-.*\.js$/.test(name))
if (!preview) throw new Error('the preview was not built')
await build(script('src/loader/loader.ts', 'widget.js', { __APP__: JSON.stringify(app) }))

/** A page of our own: served at `base`, its assets beside it under hashed names. */
function page(folder, outDir, base, oxc = {}, define = {}) {
  return {
    ...shared,
    define,
    root: `${root}src/${folder}`,
    publicDir: 'public',
    base,
    oxc,
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      rollupOptions: { input: `${root}src/${folder}/${folder === 'demo' ? 'demo' : 'index'}.html` },
    },
  }
}
await build(
  page(
    'console',
    `${out}/console`,
    '/console/',
    { jsx: { runtime: 'automatic', importSource: 'react' } },
    { __PREVIEW__: JSON.stringify(`/${preview}`) },
  ),
)
// The service worker carries the list of what it keeps, and a hash over it: a changed file is another worker.
const files = readdirSync(`${out}/console`, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => `${entry.parentPath}/${entry.name}`)
  .sort()
const hash = createHash('sha256')
for (const file of files) hash.update(file.slice(out.length)).update(readFileSync(file))
const shell = {
  version: hash.digest('hex').slice(0, 16),
  page: '/console',
  files: files.map(file => file.slice(out.length)).filter(path => !path.endsWith('.html')),
}
await build(script('src/service-worker/main.ts', 'sw.js', { __SHELL__: JSON.stringify(shell) }, {}, `${out}/console`))
await build(page('demo', `${out}/demo`, '/demo/'))
renameSync(`${out}/demo/demo.html`, `${out}/demo.html`)

rmSync(served, { recursive: true, force: true })
renameSync(out, served)
