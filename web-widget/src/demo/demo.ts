/** The demo page's few moving parts: its button opens the chat, its snippet names this install. */

import type {} from '../loader/contract'

document.querySelector('[data-open]')?.addEventListener('click', () => window.Hibachi?.open())
const snippet = document.getElementById('snippet')
if (snippet) snippet.textContent = `<script async src="${location.origin}/widget.js" data-site="demo"></script>`
