// A part of the page as the server made it anew, put in place of the one before: focus, open details and scrolling stay.

import { Idiomorph } from "./vendor/idiomorph/idiomorph.esm.js";

/**
 * @param {Element} made
 * @param {{typing?: boolean}} [options] typing: what is being typed stays as it is
 */
export function put(made, options = {}) {
  const before = document.getElementById(made.id);
  if (before === null) return;
  Idiomorph.morph(before, made, {
    ignoreActiveValue: options.typing === true,
    callbacks: {
      beforeAttributeUpdated: (/** @type {string} */ name, /** @type {Element} */ node) =>
        !(name === "open" && node instanceof HTMLDetailsElement),
    },
  });
}

/**
 * Bring what stands at a path of the record into view, and the cursor to it.
 * @param {string} path
 */
export function goTo(path) {
  let place = document.getElementById(`f:${path}`);
  for (let shorter = path; place === null && shorter !== ""; shorter = shorter.replace(/(\.[^.[\]]*|\[\d+\]|^[^.[\]]+)$/, "")) {
    place = document.getElementById(`f:${shorter}`) ?? document.getElementById(`e:${shorter}`) ?? document.getElementById(`p:${shorter}`);
  }
  if (place === null) return;
  for (let above = place.parentElement; above !== null; above = above.parentElement) {
    if (above instanceof HTMLDetailsElement) above.open = true;
  }
  if (place instanceof HTMLDetailsElement) place.open = true;
  place.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  const input = /** @type {HTMLElement | null} */ (
    document.getElementById(`i:${path}`) ?? place.querySelector("input, select, button.add, summary")
  );
  input?.focus({ preventScroll: true });
  place.classList.remove("pointed");
  requestAnimationFrame(() => place?.classList.add("pointed"));
}
