// Lets this browser into the conversation that the link led to, as if it had begun there, and shows it.
const { site, token, locale } = document.currentScript.dataset
const mine = `hibachi:${site}:`
try {
  for (const kept of [localStorage, sessionStorage])
    for (const key of Object.keys(kept)) if (key.startsWith(mine)) kept.removeItem(key)
  localStorage.setItem(`${mine}token`, token)
  localStorage.setItem(`${mine}greeted`, '1')
  sessionStorage.setItem(`${mine}open`, '1')
} catch {
  // A browser that keeps nothing cannot be let in; the chat says so when it is opened.
}
document.querySelector('[data-open]').addEventListener('click', () => window.Hibachi?.open())
const chat = document.createElement('script')
chat.src = '/widget.js'
chat.async = true
Object.assign(chat.dataset, { site, locale, greeting: 'off' })
document.head.append(chat)
// Loaded again, the page asks again instead of making another key.
history.replaceState(null, '', location.href)
