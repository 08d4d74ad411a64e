// All that a page does by itself: copy, keys, menus, the turn that comes in, and the document beside the answers.
// All else works without a script.
const root = document.documentElement;
const byId = (id) => document.getElementById(id);
if (!navigator.clipboard) root.classList.add("cannot-copy"); // as on a server for others without https

function isPlain(event) {
  return !event.ctrlKey && !event.metaKey && !event.altKey;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-of]");
  if (!button) return;
  const words = (button.dataset.words ??= button.textContent);
  if (button.dataset.copy) await navigator.clipboard.writeText(button.dataset.copy);
  else await copyLines(byId(button.dataset.copyOf));
  button.textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = words), 2000);
});

// With its italics, for where they can be pasted.
function copyLines(list) {
  const lines = [...list.children];
  const kinds = {
    "text/plain": lines.map((line) => line.textContent.trim()).join("\n"),
    "text/html": lines.map((line) => `<p>${line.innerHTML}</p>`).join("\n"),
  };
  const blobs = Object.entries(kinds).map(([kind, text]) => [kind, new Blob([text], { type: kind })]);
  return navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
}

// A menu closes when something else is clicked.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// Keys, each of which does what can be done by Tab and Enter too. Who speaks to the computer may turn them off.
const keys = { "/": ask, j: () => walk(1), k: () => walk(-1), o: openPassage, c: openWaysToCite, "?": showKeys };
const switchForKeys = byId("keys-on");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || !isPlain(event)) return;
  if (event.key === "Escape") return closeTopmost();
  const isTyping = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (isTyping || !switchForKeys.checked || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

function ask() {
  byId("q").select();
}

function showKeys() {
  byId("keys").togglePopover();
}

// The passage that has the focus, or had it last and is in sight; else the first one that begins in sight.
let lastCard = null;
document.addEventListener("focusin", (event) => (lastCard = event.target.closest(".card") ?? lastCard));

function isInSight(card) {
  const { top, bottom } = card.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

function currentCard() {
  const card = document.activeElement.closest(".card") ?? lastCard;
  if (card?.isConnected && isInSight(card)) return card;
  return [...document.querySelectorAll(".card")].find((each) => each.getBoundingClientRect().top >= 0);
}

function walk(step) {
  const cards = [...document.querySelectorAll(".card")], current = currentCard();
  const isThere = current && current === lastCard;
  const next = isThere ? cards[cards.indexOf(current) + step] : (current ?? cards.at(-1));
  if (!next) return;
  const name = next.querySelector("summary");
  name.focus({ preventScroll: true });
  for (const part of [next, name]) part.scrollIntoView({ block: "nearest" });
}

function openPassage() {
  const card = currentCard();
  if (!card) return;
  card.open = true;
  card.querySelector(".open")?.click();
}

function openWaysToCite() {
  const card = currentCard(), menu = card?.querySelector(".menu");
  if (!menu) return;
  card.open = menu.open = true;
  menu.querySelector("summary").focus();
}

// Escape closes one thing at a time; the list of keys closes by itself.
function closeTopmost() {
  const menu = document.querySelector(".menu[open]"), pane = document.querySelector(".split .pane");
  if (document.querySelector(":popover-open")) return;
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (pane && document.activeElement.id !== "q") closeReader();
  else document.activeElement.blur();
}

for (const fault of ["htmx:error", "htmx:sse:error"])
  document.addEventListener(fault, () => (byId("trouble").hidden = false));
document.addEventListener("htmx:after:swap", () => (byId("trouble").hidden = true));

// A turn comes in several events: the first one empties the box, makes one entry of the history, and is scrolled to.
const entered = new WeakSet();
document.addEventListener("htmx:before:history:update", (event) => {
  const { history: entry, response } = event.detail;
  const isHere = entry.path === location.pathname + location.search + location.hash;
  if (isHere || entered.has(response)) event.preventDefault();
  if (response) entered.add(response);
});

let lastTurn = document.querySelector(".turn:last-of-type")?.id;
document.addEventListener("htmx:after:swap", (event) => {
  const turn = document.querySelector(".turn:last-of-type"), isNew = turn && turn.id !== lastTurn;
  lastTurn = turn?.id;
  if (!isNew || event.detail.ctx.request.method !== "POST") return; // as when the way back restores a page
  byId("q").value = "";
  if (document.activeElement === document.body) byId("q").focus({ preventScroll: true });
  turn.scrollIntoView({ block: "start" });
});

// Where there is room, a document opens beside the answers; they make room at once, so that nothing moves later.
const isWide = matchMedia("(min-width: 1100px)");
let opener = null;
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-beside]");
  if (!link || !isWide.matches || !isPlain(event) || event.shiftKey || event.button) return;
  event.preventDefault();
  const pane = byId("reader");
  opener = link;
  showPane(true);
  pane.ariaBusy = "true";
  await htmx.ajax("GET", link.dataset.beside, {
    target: "#reader",
    swap: "innerHTML",
    push: link.dataset.beside,
    headers: { "HX-Target": "aside#reader" },
  });
  pane.ariaBusy = "false";
  if (!pane.children.length) return showPane(false);
  pane.focus({ preventScroll: true });
  showHere();
});

function showPane(isShown) {
  const pane = byId("reader");
  pane.hidden = !isShown;
  pane.closest(".desk").classList.toggle("split", isShown);
}

function showHere() {
  const here = byId("here"), pane = here?.closest(".pane");
  if (pane) pane.scrollTop += here.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 4;
}
showHere();

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-close]");
  if (!link || !isPlain(event) || event.shiftKey) return;
  event.preventDefault();
  closeReader();
});

function closeReader() {
  showPane(false);
  byId("reader").replaceChildren();
  history.pushState({ htmx: true }, "", location.pathname);
  if (opener?.isConnected) opener.focus();
}

// How far a work is, as the server tells it; without a script the page loads itself anew.
const progress = document.querySelector("[data-events]");
if (progress) {
  const events = new EventSource(progress.dataset.events);
  const told = byId(progress.dataset.told);
  events.onmessage = (event) => (progress.innerHTML = event.data);
  events.addEventListener("step", (event) => (told.textContent = event.data));
  events.addEventListener("end", () => location.reload());
  events.onerror = () => events.readyState === EventSource.CLOSED && location.reload();
}

// Last, for a browser that keeps nothing may refuse even to be asked.
switchForKeys.checked = localStorage.getItem("keys") !== "off";
switchForKeys.addEventListener("change", () => localStorage.setItem("keys", switchForKeys.checked ? "on" : "off"));
