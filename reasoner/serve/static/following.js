// Parts of a page that the server goes on working on: they are asked for again until they are whole.

import { put } from "./morph.js";
import { askForPart } from "./server.js";

/** @type {Map<string, number>} by part, how often another was begun in its place */
const begun = new Map();

/**
 * Put a part of the page, and again as long as it says so. What was begun for the same part before is given up.
 * @param {string} id
 * @param {string} path
 * @param {unknown} [body]
 * @param {(part: HTMLElement) => void} [shown] called whenever it is put
 */
export async function follow(id, path, body, shown) {
  const number = (begun.get(id) ?? 0) + 1;
  begun.set(id, number);
  document.getElementById(id)?.setAttribute("aria-busy", "true");
  try {
    for (;;) {
      const part = await askForPart(path, body);
      if (begun.get(id) !== number) return;
      const again = Number(part.getAttribute("data-again") ?? "0");
      if (again > 0) part.setAttribute("aria-busy", "true");
      put(part);
      const place = document.getElementById(id);
      if (place instanceof HTMLElement) shown?.(place);
      if (again === 0) return;
      await new Promise((done) => setTimeout(done, again));
      if (begun.get(id) !== number) return;
    }
  } finally {
    if (begun.get(id) === number) document.getElementById(id)?.removeAttribute("aria-busy");
  }
}

/** @param {string} id */
export function giveUp(id) {
  begun.set(id, (begun.get(id) ?? 0) + 1);
}
