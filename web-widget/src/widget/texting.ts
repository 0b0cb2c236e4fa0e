/** The talk goes on by text: a number, a code that is read there, and from then on it is one talk here and there. Fetched when wanted. */
import type { Ack } from '../protocol/wire'
import sheetCss from './citation.css?inline'
import { around, arrow, made, over } from './sheet'
import css from './texting.css?inline'
import type { GoingOn, ShowTexting } from './texting-contract'

const en = {
  title: 'Continue by text',
  back: 'Back to the chat',
  lead: 'We text you a code. Then you can go on here or from your phone: it is one conversation.',
  phone: 'Your mobile number',
  agree: 'Agree and text me a code',
  sent: 'We texted a code to {phone}.',
  code: 'The 6 digits',
  go: 'Go on by text',
  again: 'Send another code',
  change: 'Use another number',
  resent: 'Another code is on its way. Use the newest.',
  lost: 'This did not get through. Check your connection and try again.',
  number: 'That does not look like a phone number. Give it with its area code, or with + and the country.',
  unsent: 'We cannot send texts to this number. Try another one, or go on in this chat.',
  often: 'You asked three times in the last hour. Use the newest code, or try again in an hour.',
  stopped: 'This number asked for no more texts. Text START from it to {number}, then try once more.',
  ours: 'our number',
  wrong: 'That is not the code. Look at the newest text and try again.',
  expired: 'This code is too old. Have another one sent.',
  tries: 'Too many tries with this code. Have another one sent.',
  none: 'No code is on its way to you. Give your number first.',
  unoffered: 'Texts are not offered right now. Please go on in this chat.',
}

const es: typeof en = {
  title: 'Seguir por mensaje',
  back: 'Volver al chat',
  lead: 'Te mandamos un código. Después puedes seguir aquí o desde tu teléfono: es una sola conversación.',
  phone: 'Tu número de celular',
  agree: 'Acepto, mándame un código',
  sent: 'Mandamos un código al {phone}.',
  code: 'Los 6 dígitos',
  go: 'Seguir por mensaje',
  again: 'Mandar otro código',
  change: 'Usar otro número',
  resent: 'Va otro código en camino. Usa el más nuevo.',
  lost: 'No nos llegó. Revisa tu conexión e inténtalo otra vez.',
  number: 'Eso no parece un número de teléfono. Escríbelo con su código de área, o con + y el país.',
  unsent: 'No podemos mandar mensajes a este número. Prueba con otro o sigue en este chat.',
  often: 'Ya pediste código tres veces en la última hora. Usa el más nuevo o inténtalo en una hora.',
  stopped: 'Este número pidió no recibir mensajes. Manda START desde él al {number} e inténtalo otra vez.',
  ours: 'nuestro número',
  wrong: 'Ese no es el código. Mira el mensaje más nuevo e inténtalo otra vez.',
  expired: 'Este código ya venció. Pide otro.',
  tries: 'Demasiados intentos con este código. Pide otro.',
  none: 'No hay ningún código en camino. Primero danos tu número.',
  unoffered: 'Por ahora no ofrecemos mensajes. Sigue en este chat, por favor.',
}

const show: ShowTexting = going => {
  const { from, language } = going
  const panel = from.closest<HTMLElement>('.panel')
  if (!panel || panel.querySelector('.cited')) return
  const t = language === 'es' ? es : en
  const sheet = made('div', 'cited')
  sheet.role = 'dialog'
  sheet.ariaModal = 'true'
  sheet.ariaLabel = t.title
  const button = made('button', 'plain')
  button.type = 'button'
  button.title = button.ariaLabel = t.back
  button.append(arrow())
  const head = made('div', 'cited-head')
  head.append(button, made('h2', '', t.title))
  const body = made('div', 'cited-body')
  sheet.append(head, body)

  const close = over(panel, sheet, from, sheetCss + css)
  button.onclick = close
  sheet.onkeydown = event => {
    if (event.key === 'Escape') close()
    if (event.key === 'Tab') around(event, [...sheet.querySelectorAll<HTMLElement>('button:not(:disabled), input')])
    // The panel would close with it.
    event.stopPropagation()
  }
  const steps: Steps = {
    number: () => askNumber(body, t, going, steps),
    code: () => askCode(body, t, going, steps),
    close,
    sent: panel.dataset,
  }
  if (steps.sent.code) steps.code()
  else steps.number()
}

interface Steps {
  /**
   * `code`: where one was sent from this page. Kept on the panel, for the script comes anew each time: whoever closed the sheet to look at
   * their phone goes on where they were.
   */
  sent: DOMStringMap
  number(): void
  code(): void
  close(): void
}
type Words = typeof en

/** The first step: a number, and beside it the words that one agrees to. */
function askNumber(body: HTMLElement, t: Words, { client }: GoingOn, steps: Steps): void {
  const field = input('tel', 'tel', 30)
  field.value = steps.sent.code ?? ''
  const words = made('p', 'agreed', client.store.get().business?.sms_consent ?? '')
  words.id = 'agreed'
  field.setAttribute('aria-describedby', words.id)
  const go = submit(t.agree)
  const form = asking(t, [made('p', '', t.lead), labelled(t.phone, field), words], go, async () => {
    const phone = field.value.trim()
    const answer = await client.ask('continue_by_text', { phone })
    if (!answer?.ok) return told(answer, t)
    steps.sent.code = phone
    steps.code()
    return ''
  })
  body.replaceChildren(form)
  field.focus()
}

/** The second: the code that was read there. */
function askCode(body: HTMLElement, t: Words, { client }: GoingOn, steps: Steps): void {
  const field = input('text', 'one-time-code', 12)
  field.inputMode = 'numeric'
  field.classList.add('digits')
  const again = made('button', 'link', t.again)
  const change = made('button', 'link', t.change)
  again.type = change.type = 'button'
  const others = made('div', 'others')
  others.append(again, change)
  const form = asking(
    t,
    [made('p', '', t.sent.replace('{phone}', spaced(steps.sent.code ?? ''))), labelled(t.code, field)],
    submit(t.go),
    async () => {
      const answer = await client.ask('verify_phone', { code: field.value.trim() })
      if (!answer?.ok) {
        field.select()
        return told(answer, t)
      }
      delete steps.sent.code
      steps.close()
      return ''
    },
  )
  const line = form.querySelector<HTMLElement>('.said')
  again.onclick = async () => {
    again.disabled = true
    const answer = await client.ask('continue_by_text', { phone: steps.sent.code ?? '' })
    again.disabled = false
    if (line) say(line, answer?.ok ? t.resent : told(answer, t), Boolean(answer?.ok))
    field.focus()
  }
  change.onclick = steps.number
  form.append(others)
  body.replaceChildren(form)
  field.focus()
}

/** A form that asks the gateway once at a time; what it says is what was wrong, nothing where all is well. */
function asking(t: Words, parts: HTMLElement[], go: HTMLButtonElement, ask: () => Promise<string>): HTMLFormElement {
  const form = made('form', 'going-on')
  const line = made('p', 'said')
  line.role = 'alert'
  form.append(...parts, line, go)
  form.onsubmit = async event => {
    event.preventDefault()
    if (go.disabled) return
    go.disabled = true
    say(line, '')
    const wrong = await ask().catch(() => t.lost)
    go.disabled = false
    say(line, wrong)
    const field = form.querySelector('input')
    field?.setAttribute('aria-invalid', String(wrong !== ''))
    if (wrong) field?.focus()
  }
  return form
}

function told(answer: Ack | null, t: Words): string {
  if (answer === null || answer.ok) return t.lost
  const { why = '', number, message } = answer.error
  const words = why in t ? t[why as keyof Words] : message
  return words.replace('{number}', number ? spaced(number) : t.ours)
}

/** "+15105557000" as one dials it; what is no number of that shape as it is. */
function spaced(number: string): string {
  return number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, '($1) $2-$3')
}

function say(line: HTMLElement, words: string, good = false): void {
  line.textContent = words
  line.classList.toggle('good', good)
}

function input(type: string, autocomplete: AutoFill, most: number): HTMLInputElement {
  const field = made('input', '')
  field.type = type
  field.autocomplete = autocomplete
  field.maxLength = most
  field.required = true
  return field
}

function labelled(words: string, field: HTMLElement): HTMLElement {
  const label = made('label', '', words)
  label.append(field)
  return label
}

function submit(words: string): HTMLButtonElement {
  const button = made('button', 'chip primary', words)
  button.type = 'submit'
  return button
}

type Script = HTMLScriptElement & { hibachi?: (show: ShowTexting) => void }
;(document.currentScript as Script | null)?.hibachi?.(show)
