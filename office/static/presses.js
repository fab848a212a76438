// Sends presses in order, one at a time, and renews the page from each answer and every few seconds.

import { busyCard, keepAddress, replaceCardIfOther, showCard } from "./card.js";
import { adopt, block, choose, chosen, free, neighbour, read, rowOf, rows, say, unhide } from "./rows.js";

const EVERY_MS = 2000; // a safety alarm is seen within two seconds
const HIDDEN_MS = 15_000;
const live = document.getElementById("live");
const waiting = []; // presses not yet answered by the server, in order
const taken = []; // what Ctrl+Z takes back, newest last
const seen = {}; // what the server last sent of each block
let stamp = "";
let timer = 0;
let asking = false; // one question at a time: an older answer never comes after a newer one
let sending = false;
let presses = 0; // how many so far: a list read before the newest press is out of date

/** Send a form; with a row, that row is busy until the answer and the next one is chosen. */
export function press(form, extra = {}, row = null) {
  const fields = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(extra)) fields.set(name, value);
  const key = row?.dataset.key ?? "";
  if (row) {
    const next = neighbour(row, 1) ?? neighbour(row, -1);
    row.setAttribute("aria-busy", "true");
    if (next) choose(next);
  }
  waiting.push({ action: form.getAttribute("action"), fields, key });
  send();
}

async function send() {
  presses += 1;
  if (sending) return;
  sending = true;
  while (waiting.length) {
    const { action, fields, key } = waiting[0].back ? (taken.pop() ?? {}) : waiting[0];
    if (!action) {
      waiting.shift();
      say("There is nothing to undo.");
      continue;
    }
    let answer = null;
    try {
      answer = await fetch(action, { method: "POST", body: fields });
    } catch {
      lost();
      waiting.length = 0;
      rows().forEach((row) => row.removeAttribute("aria-busy"));
      break;
    }
    waiting.shift();
    if (new URL(answer.url).pathname === "/sign-in") return location.assign("/sign-in");
    const page = read(await answer.text());
    if (block("list", page)) renew(page, answer, { pressed: true });
    else failed(page, key);
    if (answer.ok) remember();
  }
  sending = false;
  const row = chosen();
  if (row && !busyCard() && block("card").dataset.key !== row.dataset.key) showCard(row);
}

export function remember() {
  for (const form of document.querySelectorAll(".news .undo")) {
    const action = form.getAttribute("action");
    const at = taken.findIndex((one) => one.action === action);
    if (at >= 0) taken.splice(at, 1);
    taken.push({ action, fields: new URLSearchParams(new FormData(form)) });
  }
}

export function takeBack() {
  waiting.push({ back: true, key: "" }); // what it takes back is known when its turn comes
  send();
}

/** An undo pressed by mouse is not there for Ctrl+Z any more. */
export function forget(form) {
  const at = taken.findIndex((one) => one.action === form.getAttribute("action"));
  if (at >= 0) taken.splice(at, 1);
}

function renew(page, answer, { pressed = false } = {}) {
  const focused = document.activeElement;
  const hadFocus = focused?.closest?.(".row")?.dataset.key;
  const selected = chosen()?.dataset.key;
  for (const name of ["top", "strip", "tabs", "list"]) {
    const fresh = block(name, page);
    const same = seen[name] === fresh.innerHTML;
    seen[name] = fresh.innerHTML;
    if (!pressed && (same || (block(name).contains(focused) && !hadFocus))) continue;
    block(name).replaceWith(document.adoptNode(fresh));
  }
  if (pressed) block("news").replaceChildren(...adopt(block("news", page))); // a live region stays
  live.textContent = block("live", page).textContent;
  live.classList.remove("lost");
  for (const { key } of waiting) rowOf(key)?.setAttribute("aria-busy", "true");
  const goes = pressed && (!answer.ok || new URL(answer.url).searchParams.has("undone"));
  const target = (goes && chosen()) || rowOf(selected) || chosen() || rows().find(free);
  choose(target, { focus: Boolean(hadFocus) || (pressed && !focused?.closest?.(".card form")) });
  if (!busyCard()) replaceCardIfOther(page, target);
  if (pressed && answer.redirected) keepAddress(answer.url);
  if (answer.status === 422) firstToMend()?.focus();
  stamp = answer.headers.get("X-Firstday-Stamp") ?? "";
  unhide();
}

/** The field a refusal is most likely about: the first that has to be filled and is not. */
function firstToMend() {
  const card = block("card");
  const empty = [...card.querySelectorAll("[required]")].find((field) => !field.value);
  return empty ?? card.querySelector("#reason, #outcome");
}

async function poll() {
  if (!sending && !asking) {
    asking = true;
    const headers = { "X-Firstday-Refresh": "1", "X-Firstday-Stamp": stamp };
    const before = presses;
    try {
      const answer = await fetch(location.href, { headers });
      if (new URL(answer.url).pathname === "/sign-in") return location.assign("/sign-in");
      const text = await answer.text();
      if (answer.ok && answer.status !== 204 && before === presses) renew(read(text), answer);
    } catch {
      lost();
    } finally {
      asking = false;
    }
  }
  later();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(poll, document.hidden ? HIDDEN_MS : EVERY_MS);
}

export function keepRenewing() {
  later();
  document.addEventListener("visibilitychange", () => {
    if (timer) poll(); // at once when somebody looks again
  });
}

function lost() {
  live.textContent = "Not connected: what you press is not recorded until this line goes.";
  live.classList.add("lost");
  stamp = ""; // the next answer is a whole page, which says so when it is there again
}

function failed(page, key) {
  rowOf(key)?.removeAttribute("aria-busy");
  say(page.querySelector(".alone p")?.textContent ?? "That was not recorded. Try again.", "trouble");
}
