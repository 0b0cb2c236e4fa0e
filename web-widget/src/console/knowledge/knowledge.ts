/** The corpus as the gateway tells it, and in words. Pure. */

export type DocumentState = 'waiting' | 'reading' | 'ready' | 'failed'
export type Kind = 'markdown' | 'html' | 'pdf' | 'text' | 'page'
export type Audience = 'everyone' | 'staff'

export interface Line {
  id: string
  kind: Kind
  origin: 'seed' | 'upload' | 'page' | 'written'
  title: string
  language: string
  audience: Audience
  address?: string
  file_name?: string
  state: DocumentState
  stage?: string
  done: number
  total: number
  error?: string
  remarks: string[]
  pieces: number
  held_back: number
  created_at: string
  changed_at: string
  read_at?: string
}

export interface Documents {
  items: Line[]
  total: number
  /** The largest file that is taken. */
  megabytes: number
}

export interface Piece {
  id: string
  heading: string
  text: string
  reads: string
  held_back?: string
  let_through: boolean
}

export interface Whole {
  document: Line
  text: string
  pieces: Piece[]
  unknown: string[]
}

export interface Question {
  id: string
  conversation: string
  question: string
  language: string
  times: number
  first_at: string
  last_at: string
  nearest?: string
  similarity?: number
}
export type QuestionState = 'open' | 'answered' | 'ignored'
export interface Questions {
  items: Question[]
  counts: Record<QuestionState, number>
  before?: string
}

export interface Tried {
  id: string
  document: string
  title: string
  heading: string
  reads: string
  language: string
  similarity?: number
  by_words?: number
  by_meaning?: number
  sayable: boolean
  cited: boolean
}
export interface TriedAnswer {
  by: 'both' | 'vectors' | 'words'
  passages: Tried[]
}

export interface Index {
  id: string
  model: string
  dimensions: number
  state: 'building' | 'serving' | 'failed'
  approximate: boolean
  error?: string
  embedded: number
  pieces: number
}
export interface Indexes {
  items: Index[]
  model: string
  trouble?: string
}

export const KIND: Record<Kind, string> = {
  markdown: 'Markdown',
  html: 'HTML',
  pdf: 'PDF',
  text: 'Text',
  page: 'Web page',
}
export const LANGUAGES = [
  ['en', 'English'],
  ['es', 'Español'],
] as const
export const AUDIENCE: Record<Audience, string> = { everyone: 'Everyone', staff: 'Staff only' }

const STAGES: Readonly<Record<string, string>> = {
  fetching: 'Fetching the page',
  extracting: 'Reading it',
  splitting: 'Finding its pieces',
}

/** How a document stands, in words. */
export function standing(line: Line): string {
  switch (line.state) {
    case 'waiting':
      return 'Waits to be read'
    case 'reading':
      if (line.stage === 'embedding') return `Piece ${Math.min(line.done + 1, line.total)} of ${line.total}`
      return STAGES[line.stage ?? ''] ?? 'Being read'
    case 'failed':
      return 'Could not be read'
    case 'ready':
      return line.pieces === 1 ? '1 piece' : `${line.pieces} pieces`
  }
}

/** How far the reading is, 0 to 1; null where that is not known. */
export function part(line: Line): number | null {
  return line.state === 'reading' && line.total > 0 ? line.done / line.total : null
}

/** Whether something of it will be different in a moment. */
export function moves(line: Line): boolean {
  return line.state === 'waiting' || line.state === 'reading'
}

/** "Menu.pdf", or the page's address without what every address begins with. */
export function whence(line: Line): string {
  if (line.address) return line.address.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '')
  if (line.origin === 'written') return 'written here'
  return line.file_name ?? 'came with the gateway'
}

export function languageName(code: string): string {
  return LANGUAGES.find(([key]) => key === code)?.[1] ?? code
}

/** "asked once", "asked 4 times". */
export function often(times: number): string {
  return times === 1 ? 'asked once' : `asked ${times} times`
}

/** A document's first words for a question: its heading. */
export function begunFor(question: string): string {
  return `# ${question.replace(/[#\s]+/g, ' ').trim()}\n\n`
}
