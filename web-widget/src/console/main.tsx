/** The console's entry. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../design/tokens.css'
import './base.css'
import './files.css'
import './list.css'
import './handoffs.css'
import './live.css'
import './overlay.css'
import './thread.css'
import { App } from './App'

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
