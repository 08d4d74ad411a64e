// The copy buttons, the key `/`, Escape for a menu, and a word when the server does not answer. All else works without a script.
if (navigator.clipboard) document.documentElement.classList.add("can-copy");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-of]");
  if (!button) return;
  const words = button.textContent;
  if (button.dataset.copy) await navigator.clipboard.writeText(button.dataset.copy);
  else await copyLines(document.getElementById(button.dataset.copyOf));
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

// A menu closes when something else is clicked, and on Escape, which gives the focus back to its name.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(".menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
  event.preventDefault();
  document.getElementById("q").select();
});

document.addEventListener("htmx:error", () => (document.getElementById("trouble").hidden = false));
document.addEventListener("htmx:after:swap", () => (document.getElementById("trouble").hidden = true));

// A turn comes in several events: the first one empties the box, makes one entry of the history, and is scrolled to.
document.addEventListener("htmx:before:history:update", (event) => {
  if (event.detail.history.path === location.pathname + location.search + location.hash) event.preventDefault();
});

let lastTurn = document.querySelector(".turn:last-of-type")?.id;
document.addEventListener("htmx:after:swap", () => {
  const turn = document.querySelector(".turn:last-of-type");
  if (!turn || turn.id === lastTurn) return;
  lastTurn = turn.id;
  document.getElementById("q").value = "";
  turn.scrollIntoView({ block: "start" });
});

// Where there is room, a document opens beside the answers.
const isWide = matchMedia("(min-width: 1100px)");
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-beside]");
  if (!link || !isWide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const pane = document.getElementById("reader");
  await htmx.ajax("GET", link.dataset.beside, {
    target: "#reader",
    swap: "innerHTML",
    push: link.dataset.beside,
    headers: { "HX-Target": "aside#reader" },
  });
  pane.hidden = false;
  pane.closest(".desk").classList.add("split");
  showHere();
});

function showHere() {
  const here = document.getElementById("here"), pane = here?.closest(".pane");
  if (pane) pane.scrollTop += here.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 4;
}
showHere();

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-close]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  closeReader();
});

function closeReader() {
  const pane = document.getElementById("reader");
  pane.hidden = true;
  pane.replaceChildren();
  pane.closest(".desk").classList.remove("split");
  history.pushState({ htmx: true }, "", location.pathname);
}

// How far a work is, as the server tells it; without a script the page loads itself anew.
const progress = document.querySelector("[data-events]");
if (progress) {
  const events = new EventSource(progress.dataset.events);
  const told = document.getElementById(progress.dataset.told);
  events.onmessage = (event) => (progress.innerHTML = event.data);
  events.addEventListener("step", (event) => (told.textContent = event.data));
  events.addEventListener("end", () => location.reload());
  events.onerror = () => events.readyState === EventSource.CLOSED && location.reload();
}
