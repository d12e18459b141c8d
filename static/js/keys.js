/* Two keys, for those who want them: “/” goes to the search, “?” says what the keys do.

   Nothing here is needed to use TrueFans. Whoever speaks to their computer, or whose hand slips,
   turns the keys off in that same dialog (WCAG 2.1.4). */

const help = document.getElementById("keys");
const choice = help?.querySelector("input[type=checkbox]");
const OFF = "keys-off";

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function search() {
  const field = document.querySelector("main input[type=search]");
  if (field) {
    field.focus();
    field.select();
  } else {
    window.location.assign(help.dataset.search);
  }
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || help.open) {
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    search();
  } else if (event.key === "?") {
    event.preventDefault();
    help.showModal();
  }
}

if (help) {
  choice.checked = localStorage.getItem(OFF) === null;
  choice.addEventListener("change", () => {
    if (choice.checked) {
      localStorage.removeItem(OFF);
    } else {
      localStorage.setItem(OFF, "1");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (choice.checked) {
      onKey(event);
    }
  });
  document.getElementById("show-keys")?.addEventListener("click", () => help.showModal());
  document.getElementById("hide-keys")?.addEventListener("click", () => help.close());
  if (window.location.hash === "#q") {
    document.getElementById("q")?.focus();
  }
}
