// Keys and mouse of the Today page. All of it can also be done with the page's own links and forms.

import { showCard } from "./card.js";
import { LetterKeys } from "./letters.js";
import { forget, keepRenewing, press, remember, takeBack } from "./presses.js";
import { block, choose, chosen, free, neighbour, rowOf, rows, say, unhide } from "./rows.js";

const desk = document.querySelector(".desk");
const granted = new Set(desk.dataset.granted.split(" "));

function move(step) {
  const next = neighbour(chosen(), step);
  if (!next) return;
  choose(next);
  showCard(next);
}

function confirmRow(row) {
  const form = row.querySelector(".press form");
  const button = form?.querySelector("button");
  if (button) press(form, {}, row);
  else openChoice(row, "");
}

async function override(row, code) {
  const form = row.querySelector(".press form");
  if (!form || granted.has(code) || "reason" in row.dataset) return openChoice(row, code);
  press(form, { code }, row);
}

async function openChoice(row, code) {
  if (block("card").dataset.key !== row.dataset.key) await showCard(row);
  if (block("card").dataset.key !== row.dataset.key) return;
  const card = block("card");
  const details = card.querySelector("details");
  if (details) details.open = true;
  const select = card.querySelector("#code");
  if (select && code) select.value = code;
  const said = card.querySelector("#words"); // a child nobody has reported: first what was said
  const target = said ?? (select ? (code ? card.querySelector("#reason") : select) : card.querySelector("#outcome"));
  if (code && target && (!said || granted.has(code))) card.querySelector("#reason").required = true;
  target?.focus();
}

const letters = new LetterKeys(desk.dataset.letters.split(" "), {
  chosen: (code) => free(chosen()) && override(chosen(), code),
  unknown: (typed) => say(`${typed} is not a code you can set here. Press ? for the keys.`),
});

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, select, textarea");
  const undo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  if (document.querySelector("dialog[open]")) return;
  if (field && event.key === "Escape") return choose(chosen());
  if (field && field.type !== "checkbox") return;
  if (undo) return act(event, takeBack);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key !== "Shift" && !/^[a-z0-9]$/i.test(event.key)) letters.forget();
  if (event.key === "?") return act(event, () => document.getElementById("keys").showModal());
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    return act(event, () => move(event.key === "ArrowDown" ? 1 : -1));
  }
  const row = event.target.closest(".row");
  if (!row || !free(row)) return;
  if (event.key === "Enter" && event.target === row) return act(event, () => confirmRow(row));
  if (!document.getElementById("letters-on").checked) return;
  if (row !== chosen()) choose(row, { focus: false }); // the letter is meant for the row with focus
  if (letters.hear(event.key, event.repeat)) event.preventDefault();
});

function act(event, what) {
  event.preventDefault();
  what();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || !form.closest("main")) return;
  event.preventDefault();
  const button = event.submitter;
  const isUndo = form.classList.contains("undo");
  const row = isUndo ? null : (form.closest(".row") ?? rowOf(block("card").dataset.key));
  if (isUndo) forget(form);
  document.activeElement?.blur?.();
  press(form, button?.name ? { [button.name]: button.value } : {}, row);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#show-keys")) return document.getElementById("keys").showModal();
  const row = event.target.closest(".row");
  const isNarrow = matchMedia("(max-width: 900px)").matches; // there the card is further down
  if (!row || event.target.closest("button") || event.ctrlKey || event.metaKey || isNarrow) return;
  event.preventDefault();
  choose(row);
  if (event.target.closest(".press a")) openChoice(row, "");
  else showCard(row);
});

const letterSwitch = document.getElementById("letters-on");
letterSwitch.checked = localStorage.getItem("firstday.letters") !== "off";
letterSwitch.addEventListener("change", () => {
  localStorage.setItem("firstday.letters", letterSwitch.checked ? "on" : "off");
});

unhide();
remember();
choose(chosen() ?? rows()[0], { focus: !location.hash });
document.documentElement.dataset.ready = "";
keepRenewing();
