// The card beside the list: fetched for the chosen row, never taken from under somebody's typing.

import { adopt, block, read, unhide } from "./rows.js";

let wanted = 0; // number of the newest card asked for

const where = (row) => row.querySelector(".open").getAttribute("href").split("#")[0];

export async function showCard(row) {
  const number = ++wanted;
  await pause(70); // while an arrow is held down, only the last row's card is fetched
  if (number !== wanted) return;
  const [kind, id] = [row.dataset.key[0], row.dataset.key.slice(1)];
  const alone = kind === "r" ? `/reports/${id}?list=${document.querySelector(".desk").dataset.list}` : where(row);
  const headers = { "X-Firstday-Refresh": "1", "X-Firstday-Fragment": "card" };
  const answer = await fetch(alone, { headers }).catch(() => null);
  if (!answer?.ok || number !== wanted) return;
  const page = read(await answer.text());
  const fresh = block("card", page) ?? page.body;
  block("card").replaceChildren(...adopt(fresh));
  block("card").dataset.key = row.dataset.key;
  block("card").setAttribute("aria-label", block("card").querySelector("h2")?.textContent ?? "");
  keepAddress(where(row));
  unhide();
}

function replaceCard(page) {
  const fresh = block("card", page);
  if (fresh) block("card").replaceWith(document.adoptNode(fresh));
  unhide();
}

export function replaceCardIfOther(page, target) {
  const fresh = block("card", page);
  if (!target || fresh.dataset.key === target.dataset.key) replaceCard(page);
}

/** Tell whether somebody is at work in the card. */
export function busyCard() {
  const card = block("card");
  const typed = [...card.querySelectorAll("input:not([type=hidden], [type=checkbox]), textarea")].some(
    (field) => field.value !== field.defaultValue,
  );
  return typed || card.contains(document.activeElement);
}

/** Keep the address of what is shown, so that a reload shows it again. */
export function keepAddress(address) {
  const url = new URL(address, location.href);
  const now = new URL(location.href);
  for (const name of ["did", "undone"]) {
    const value = now.searchParams.get(name);
    if (value && url.pathname === now.pathname && address.startsWith("/")) url.searchParams.set(name, value);
  }
  history.replaceState(null, "", url);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
