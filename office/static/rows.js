// The rows of the list: which is chosen, which is free, what stands beside it.

export const block = (name, within = document) => within.querySelector(`[data-block="${name}"]`);
export const rows = () => [...document.querySelectorAll(".row")];
export const rowOf = (key) => document.getElementById(`row-${key}`);
export const chosen = () => document.querySelector(".row.chosen");
export const free = (row) => row && !row.hasAttribute("aria-busy");

export function choose(row, { focus = true } = {}) {
  if (!row) return;
  for (const other of rows()) {
    other.tabIndex = other === row ? 0 : -1;
    other.classList.toggle("chosen", other === row);
    other.toggleAttribute("aria-current", false);
  }
  row.setAttribute("aria-current", "true");
  if (focus) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
}

export function neighbour(row, step) {
  const all = rows();
  let at = all.indexOf(row) + step;
  while (all[at] && !free(all[at])) at += step;
  return all[at];
}

export const adopt = (part) => [...part.childNodes].map((child) => document.adoptNode(child));
export const read = (text) => new DOMParser().parseFromString(text, "text/html");

/** Show what only makes sense with a keyboard and this script. */
export function unhide() {
  for (const part of document.querySelectorAll(".js[hidden]")) part.hidden = false;
}

/** Say something where what just happened is told. */
export function say(text, look = "did") {
  const line = document.createElement("p");
  line.className = look;
  line.textContent = text;
  block("news").replaceChildren(line);
}
