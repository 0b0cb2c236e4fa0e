import { createContext } from 'react'
import type { Seasons } from './campaigns'

/** What the business's calendar says; null until it is known. */
export const SeasonsContext = createContext<Seasons | null>(null)
