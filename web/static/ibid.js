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
