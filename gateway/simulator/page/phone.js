// The page with the phones: draws what the simulator tells, says what is typed.
const at = (id) => document.getElementById(id);
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const DOUBLE = new Set("^{}\\[~]|€\f");
const STATES = {
  Queued: "Queued", Sent: "Sent", Delivered: "Delivered", DeliveryFailed: "Not delivered", SendingFailed: "Not sent", Received: "Sent",
  Told: "Sent, the business was not told yet", Heard: "Sent, the business knows",
};
const HOOKS = { none: "Nobody is told", active: "The business is told", suspended: "Webhook suspended" };
let state = null;
let chosen = "";
let files = [];
/** By number: how many texts of the business were read there; null before anything is drawn. */
let seen = null;

const events = new EventSource("/phone/events");
events.onmessage = (event) => {
  state = JSON.parse(event.data);
  chosen ||= state.phones[0].number;
  draw();
};
events.onerror = () => {
  at("webhook").textContent = "The simulator is gone";
  at("webhook").dataset.state = "suspended";
};

function draw() {
  drawPhones();
  drawFaults();
  at("own").textContent = spaced(state.business);
  at("webhook").textContent = HOOKS[state.webhook];
  at("webhook").dataset.state = state.webhook;
  fill(at("links"), Object.entries(state.links), ([name, href]) => made("a", name, { href, target: "_blank", rel: "noopener" }));
  // The last, once it is known how much room is left.
  drawTexts(state.phones.find((phone) => phone.number === chosen).texts);
}

function came(phone) {
  return phone.texts.filter((text) => !text.mine).length;
}

function drawPhones() {
  // What came before the page was opened is no news.
  seen ??= new Map(state.phones.map((phone) => [phone.number, came(phone)]));
  fill(at("phones"), state.phones, (phone) => {
    const button = made("button", "", { type: "button", "aria-current": String(phone.number === chosen) });
    const last = phone.texts.at(-1);
    if (phone.number === chosen) seen.set(phone.number, came(phone));
    const fresh = came(phone) - (seen.get(phone.number) ?? 0);
    button.append(made("span", spaced(phone.number), { class: "number" }));
    if (fresh > 0) button.append(made("span", `${fresh} new`, { class: "fresh" }));
    button.append(made("span", last ? last.text || "A picture" : phone.place || "New", { class: "last" }));
    button.onclick = () => {
      chosen = phone.number;
      draw();
      at("words").focus();
    };
    return button;
  });
}

function drawTexts(texts) {
  const thread = at("thread");
  const stays = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;
  at("empty").hidden = texts.length > 0;
  const list = at("texts");
  const another = list.dataset.phone !== chosen;
  if (another) {
    list.replaceChildren();
    list.dataset.phone = chosen;
  }
  const known = new Map([...list.children].map((item) => [item.dataset.id, item]));
  for (const text of texts) {
    const item = known.get(text.id) ?? list.appendChild(bubble(text));
    known.delete(text.id);
    const line = item.querySelector(".state");
    const said = told(text);
    if (line.textContent !== said) line.textContent = said;
    line.classList.toggle("bad", Boolean(text.error));
  }
  for (const item of known.values()) item.remove();
  if (stays || another) thread.scrollTop = thread.scrollHeight;
}

function bubble(text) {
  const item = made("li", "", { "data-id": text.id, class: text.mine ? "mine" : "theirs" });
  const body = made("div", "", { class: "bubble" });
  if (text.text) body.append(made("div", text.text));
  for (const file of text.files) {
    body.append(file.picture ? picture(file) : made("div", file.name));
  }
  item.append(body, made("span", "", { class: "state" }));
  return item;
}

/** It grows when it is there: whoever reads at the end stays there. */
function picture(file) {
  const shown = made("img", "", { alt: file.name });
  const thread = at("thread");
  shown.onload = () => {
    const below = thread.scrollHeight - thread.scrollTop - thread.clientHeight;
    if (below < shown.height + 40) thread.scrollTop = thread.scrollHeight;
  };
  shown.src = file.uri;
  return shown;
}

function told(text) {
  const time = new Date(text.at * 1000).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  const parts = text.segments === 1 ? "" : ` · ${text.segments} segments`;
  return `${time} · ${STATES[text.status] ?? text.status}${text.error ? ` (${text.error})` : ""}${parts}`;
}

function drawFaults() {
  fill(at("standing"), Object.entries(state.faults), ([on, how]) => {
    const item = made("li", "");
    const option = [...at("fault").options].find((one) => one.value === `${on} ${how}`);
    const stop = made("button", "Stop that", { type: "button" });
    stop.onclick = () => post("faults", { on });
    item.append(made("span", option?.textContent ?? `${on}: ${how}`), stop);
    return item;
  });
}

function segments(text) {
  const marks = [...text];
  const wide = marks.some((mark) => !BASIC.has(mark) && !DOUBLE.has(mark));
  const size = (mark) => (wide ? mark.length : DOUBLE.has(mark) ? 2 : 1);
  const [single, part] = wide ? [70, 67] : [160, 153];
  if (marks.reduce((sum, mark) => sum + size(mark), 0) <= single) return [1, single, wide];
  let [count, filled] = [1, 0];
  for (const mark of marks) {
    if (filled + size(mark) > part) [count, filled] = [count + 1, 0];
    filled += size(mark);
  }
  return [count, part, wide];
}

function count() {
  const text = at("words").value;
  const [parts, , wide] = segments(text);
  at("count").textContent = text ? `${text.length} · ${parts} ${parts === 1 ? "segment" : "segments"}${wide ? ", Unicode" : ""}` : "";
}

function drawFiles() {
  at("files").hidden = files.length === 0;
  fill(at("files"), files, (file) => {
    const item = made("li", file.name);
    const gone = made("button", "Remove", { type: "button", "aria-label": `Remove ${file.name}` });
    gone.onclick = () => {
      files = files.filter((one) => one !== file);
      drawFiles();
    };
    item.append(gone);
    return item;
  });
}

async function attach(list) {
  for (const file of list) files.push({ name: file.name, type: file.type || "application/octet-stream", data: await encoded(file) });
  at("file").value = "";
  drawFiles();
}

function encoded(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",", 2)[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

async function say() {
  const text = at("words").value;
  if (!text.trim() && files.length === 0) return;
  const failed = await post("say", { sender: chosen, text, files });
  at("problem").hidden = !failed;
  at("problem").textContent = failed ? `Not sent. ${failed}` : "";
  if (failed) return;
  at("words").value = "";
  files = [];
  drawFiles();
  count();
  at("words").focus();
}

/** What went wrong, or "". */
async function post(path, body) {
  try {
    const answer = await fetch(`/phone/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    return answer.ok ? "" : ((await answer.json()).error ?? "The simulator did not take it.");
  } catch {
    return "The simulator is gone: start it again, then send this once more.";
  }
}

function fill(parent, things, draws) {
  const focused = [...parent.querySelectorAll("a, button")].indexOf(document.activeElement);
  parent.replaceChildren(...things.map(draws));
  if (focused >= 0) parent.querySelectorAll("a, button")[focused]?.focus();
}

function made(name, text, attributes = {}) {
  const element = document.createElement(name);
  element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function spaced(number) {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return us ? `+1 ${us[1]} ${us[2]} ${us[3]}` : number;
}

at("compose").onsubmit = (event) => {
  event.preventDefault();
  say();
};
at("words").oninput = count;
at("words").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    say();
  }
};
at("file").onchange = (event) => attach(event.target.files);
at("faults").onsubmit = async (event) => {
  event.preventDefault();
  const [on, how] = at("fault").value.split(" ", 2);
  const failed = await post("faults", { on, how, always: at("when").value === "always" });
  at("done").textContent = failed || "It will.";
};
at("suspend").onclick = async () => {
  at("done").textContent = (await post("suspend", {})) || "Webhooks are suspended, until the business makes a new one.";
};
if (matchMedia("(min-width: 901px)").matches) at("menu").open = true;
