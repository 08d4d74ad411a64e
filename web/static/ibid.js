// The copy button, the key `/`, and a word when the server does not answer. All else works without a script.
if (navigator.clipboard) document.documentElement.classList.add("can-copy");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy citation"), 2000);
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
  event.preventDefault();
  document.getElementById("q").select();
});

document.addEventListener("htmx:error", () => (document.getElementById("trouble").hidden = false));
document.addEventListener("htmx:after:swap", () => (document.getElementById("trouble").hidden = true));
