// Makes the families' phones live: news by server-sent events, forms without leaving the page.

const quietly = { "X-Quiet": "1" };

async function refreshThread(key) {
  const thread = document.querySelector(`[data-handset="${CSS.escape(key)}"] [data-thread]`);
  const answer = thread && (await fetch(`/phones/${encodeURIComponent(key)}?back=${location.pathname}`));
  if (!answer?.ok) return;
  const before = lastNumber(thread);
  const hadFocus = thread.contains(document.activeElement);
  const block = document.createElement("template");
  block.innerHTML = await answer.text();
  thread.replaceChildren(block.content);
  for (const line of thread.querySelectorAll("[data-number]")) {
    line.classList.toggle("new", Number(line.dataset.number) > before);
  }
  thread.scrollTop = 0;
  // The pressed button may be gone; the keyboard should not land at the top of the page.
  if (hadFocus) thread.focus();
}

function lastNumber(thread) {
  return Math.max(0, ...[...thread.querySelectorAll("[data-number]")].map((line) => Number(line.dataset.number)));
}

async function refreshClock() {
  const shown = document.querySelector("[data-clock]");
  const answer = shown && (await fetch("/clock"));
  if (!answer?.ok) return;
  const time = await answer.text();
  if (shown.textContent !== time) shown.textContent = time;
}

async function send(event) {
  const form = event.target.closest("form[data-quiet]");
  if (!form) return;
  event.preventDefault();
  const written = new FormData(form, event.submitter);
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(written), headers: quietly });
    if (!answer.ok) throw new Error(String(answer.status));
    if ("empties" in form.dataset) form.reset();
    if (form.matches(".steps")) await refreshClock();
  } catch {
    // Without an answer the plain form still works: the browser then says what is wrong.
    form.removeAttribute("data-quiet");
    form.requestSubmit(event.submitter);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", send);
const news = new EventSource("/phones/events");
news.addEventListener("handset", (event) => refreshThread(JSON.parse(event.data)));
// After a pause in the line everything may have changed.
let wasOpen = false;
news.addEventListener("open", () => {
  if (wasOpen) document.querySelectorAll("[data-handset]").forEach((card) => refreshThread(card.dataset.handset));
  wasOpen = true;
});
setInterval(refreshClock, 5000);
