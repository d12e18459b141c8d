/* Says what went wrong where no page comes to say it: the answer to htmx was an error, or none came;
   or the browser used no passkey.

   Nothing on the page is replaced, so what was typed stays. The words are in fans/trouble.html; an
   answer in plain text brings its own. */

const place = document.getElementById("trouble");
const notice = document.getElementById("trouble-notice");
let failed = null;

function say(words) {
  if (place.querySelector("p")?.textContent === words) {
    return; // what asks every two seconds says it once
  }
  const copy = notice.content.cloneNode(true);
  copy.querySelector("p").textContent = words;
  copy.querySelector("button").addEventListener("click", hush);
  place.replaceChildren(copy);
}

function hush() {
  place.replaceChildren();
}

function wordsOf({ xhr, requestConfig }) {
  if (xhr.getResponseHeader("Content-Type")?.startsWith("text/plain")) {
    return xhr.responseText;
  }
  return requestConfig.verb === "get" ? place.dataset.unread : place.dataset.unsaved;
}

document.addEventListener("htmx:responseError", ({ detail }) => {
  failed = detail.elt;
  say(wordsOf(detail));
});

document.addEventListener("htmx:sendError", ({ detail }) => {
  failed = detail.elt;
  say(place.dataset.unreachable);
});

// What works by now is no trouble any more.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.elt === failed) {
    hush();
  }
});

// allauth's own scripts say so only to whoever looks at the console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const isNameless = event.detail.exception.name === "SecurityError";
  say(isNameless ? place.dataset.nameless : place.dataset.keyless);
});
