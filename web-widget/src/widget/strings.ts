/** The widget's words, written in each language. `{name}` and `{n}` are filled in by `fill`. */

const en = {
  chat: 'Chat with {name}',
  us: 'us',
  close: 'Close chat',
  assistant: 'Assistant',
  assistantSoon: 'Assistant · a person in ~{n} min',
  assistantHours: 'Assistant · people answer {hours}',
  queue: 'Finding a person for you',
  queueSoon: 'Finding a person · about {n} min',
  queueHours: 'People answer {hours}',
  withPerson: '{name} · a person',
  greeting: 'Hi! How can we help?',
  write: 'Write a message…',
  writePerson: 'Write to {name}…',
  send: 'Send',
  stop: 'Stop the reply',
  talk: 'Talk to a person',
  back: 'Back to the assistant',
  asked: 'You asked for a person',
  called: 'A person was asked to join',
  joined: '{name} joined',
  handedBack: 'You are back with the assistant',
  closed: 'This chat was closed. Write any time to open it again.',
  failed: 'The assistant could not answer this. Ask again, or talk to a person.',
  connecting: 'Connecting…',
  thinking: 'Thinking…',
  typing: '{name} is typing…',
  interrupted: 'interrupted',
  sending: 'Sending…',
  waiting: 'We’ll send this when you’re back',
  soon: 'A moment, then it goes out',
  sent: 'Sent',
  seen: 'Seen',
  notSent: 'Not sent.',
  retry: 'Try again',
  discard: 'Remove',
  up: 'Good answer',
  down: 'Not a good answer',
  thanks: 'Thanks, noted',
  offline: 'No connection. You can keep writing: we’ll send it when you’re back.',
  refused: 'The chat is not available on this page.',
  unanswered: 'That did not get through. Please try again.',
  latest: 'Latest',
  earlier: 'Earlier messages',
  today: 'Today',
  yesterday: 'Yesterday',
  from: 'From: {name}',
  you: 'You',
  messages: 'Messages',
  quick: 'Suggestions',
}

export type Strings = typeof en

const es: Strings = {
  chat: 'Chat con {name}',
  us: 'nosotros',
  close: 'Cerrar el chat',
  assistant: 'Asistente',
  assistantSoon: 'Asistente · una persona en ~{n} min',
  assistantHours: 'Asistente · atendemos {hours}',
  queue: 'Buscando a una persona',
  queueSoon: 'Buscando a una persona · unos {n} min',
  queueHours: 'Atendemos {hours}',
  withPerson: '{name} · una persona',
  greeting: '¡Hola! ¿En qué te ayudamos?',
  write: 'Escribe un mensaje…',
  writePerson: 'Escribe a {name}…',
  send: 'Enviar',
  stop: 'Detener la respuesta',
  talk: 'Hablar con una persona',
  back: 'Volver con el asistente',
  asked: 'Pediste hablar con una persona',
  called: 'Ya avisamos a una persona',
  joined: '{name} se unió al chat',
  handedBack: 'Vuelves a hablar con el asistente',
  closed: 'Este chat se cerró. Escribe cuando quieras para abrirlo de nuevo.',
  failed: 'El asistente no pudo responder a esto. Pregunta otra vez o habla con una persona.',
  connecting: 'Conectando…',
  thinking: 'Pensando…',
  typing: '{name} está escribiendo…',
  interrupted: 'interrumpido',
  sending: 'Enviando…',
  waiting: 'Lo enviaremos cuando vuelvas a tener conexión',
  soon: 'Un momento y sale',
  sent: 'Enviado',
  seen: 'Visto',
  notSent: 'No se envió.',
  retry: 'Reintentar',
  discard: 'Quitar',
  up: 'Buena respuesta',
  down: 'No es buena respuesta',
  thanks: 'Gracias, anotado',
  offline: 'Sin conexión. Puedes seguir escribiendo: lo enviaremos cuando vuelva.',
  refused: 'El chat no está disponible en esta página.',
  unanswered: 'No nos llegó. Inténtalo otra vez.',
  latest: 'Lo último',
  earlier: 'Mensajes anteriores',
  today: 'Hoy',
  yesterday: 'Ayer',
  from: 'Fuente: {name}',
  you: 'Tú',
  messages: 'Mensajes',
  quick: 'Sugerencias',
}

export type Language = 'en' | 'es'

export function strings(language: Language): Strings {
  return language === 'es' ? es : en
}

/** The first language that we speak: the server's own words come first in the list, so that nobody reads two at once. */
export function chooseLanguage(wanted: readonly (string | null | undefined)[]): Language {
  for (const tag of wanted) {
    const base = tag?.slice(0, 2).toLowerCase()
    if (base === 'en' || base === 'es') return base
  }
  return 'en'
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole))
}
