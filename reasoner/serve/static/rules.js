// The page of those who keep the rules. What is shown stands in the address; what is edited stays in the page.

import "./copying.js";
import { follow, giveUp } from "./following.js";
import { fragmentOf } from "./link.js";
import { put } from "./morph.js";
import { ask, askForPart, decoded, takeToken } from "./server.js";

const VIEW = "rules-view";
const KEPT = "reasoner-case";

/** @type {Map<string, string>} texts of rule files as edited here, by name */
const edited = new Map();

/** @param {string} id */
const byId = (id) => document.getElementById(id);

// ── Views ────────────────────────────────────────────────────────────────────────────────────────

/** Show what the address says: files, a file (and a line or an item of it), suites, versions, thresholds. */
async function show() {
  const [view = "files", file, place] = location.hash.slice(1).split("/").map(decoded);
  const known = ["files", "suites", "versions", "thresholds"].includes(view) ? view : "files";
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.getAttribute("href") === `#${known}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  giveUp("differences");
  giveUp("trial");
  if (file === undefined) {
    await attempt(() => follow(VIEW, known === "files" ? "/page/rules" : `/page/${known}`, undefined, whenShown));
    return;
  }
  const before = byId(VIEW);
  if (before?.dataset.file !== file) {
    await attempt(() => follow(VIEW, `/page/rules/${encodeURIComponent(file)}`, undefined, whenShown));
  }
  goToPlace(place);
}

/** @param {HTMLElement} view */
function whenShown(view) {
  const files = byId("edited-files");
  if (files !== null && edited.size > 0) {
    files.textContent = [...edited.keys()].join(", ");
    /** @type {HTMLElement} */ (byId("edited")).hidden = false;
  }
  const file = view.dataset.file;
  if (file !== undefined && edited.has(file)) edit(/** @type {string} */ (edited.get(file)));
  filter();
}

/**
 * Bring a line into view, or that in which an item is declared.
 * @param {string | undefined} place
 */
function goToPlace(place) {
  for (const one of document.querySelectorAll(".line.pointed")) one.classList.remove("pointed");
  if (place === undefined) return;
  const anchor = [...document.querySelectorAll("#anchors > li")].find((one) => one.getAttribute("data-item") === place);
  const line = byId(`L${anchor?.getAttribute("data-line") ?? place}`);
  if (line === null) return;
  line.classList.add("pointed");
  line.scrollIntoView({ block: "center" });
}

/**
 * What went wrong is said in the page, and what was there stays.
 * @param {() => Promise<unknown>} work
 */
async function attempt(work) {
  const fault = /** @type {HTMLElement} */ (byId("rules-fault"));
  try {
    await work();
    fault.hidden = true;
  } catch (error) {
    fault.textContent = error instanceof Error ? error.message : String(error);
    fault.hidden = false;
  }
}

// ── Files ────────────────────────────────────────────────────────────────────────────────────────

/** @param {string} [text] */
function edit(text) {
  const area = /** @type {HTMLTextAreaElement} */ (byId("edit-text"));
  if (text !== undefined) area.value = text;
  const isEditing = text !== undefined || byId("editing")?.hidden === true;
  /** @type {HTMLElement} */ (byId("editing")).hidden = !isEditing;
  /** @type {HTMLElement} */ (byId("listing")).hidden = isEditing;
  byId("edit")?.setAttribute("aria-pressed", String(isEditing));
  if (isEditing && text === undefined) area.focus();
}

/** Compare what is edited here with the rules as they are. */
function compareEdited() {
  return attempt(() => follow("differences", "/page/differences", { texts: Object.fromEntries(edited) }));
}

// ── Suites ───────────────────────────────────────────────────────────────────────────────────────

/** Show the cases whose names have the words that are typed. */
function filter() {
  const input = /** @type {HTMLInputElement | null} */ (byId("filter"));
  if (input === null) return;
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const failedOnly = /** @type {HTMLInputElement} */ (byId("failed-only")).checked;
  let count = 0;
  for (const suite of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("[data-suite]"))) {
    let own = 0;
    for (const line of /** @type {NodeListOf<HTMLElement>} */ (suite.querySelectorAll("li[data-name]"))) {
      const name = line.dataset.name ?? "";
      const isShown = words.every((word) => name.includes(word)) && !(failedOnly && line.dataset.passed === "yes");
      line.hidden = !isShown;
      if (isShown) own += 1;
    }
    suite.hidden = own === 0;
    if (words.length > 0 && own > 0) suite.open = true;
    count += own;
  }
  const status = /** @type {HTMLElement} */ (byId("filtered"));
  status.textContent = words.length > 0 || failedOnly ? `${count} ${count === 1 ? "case" : "cases"} shown` : "";
}

/**
 * The address of a record in the case page.
 * @param {HTMLAnchorElement} link
 */
async function addressOf(link) {
  if (link.dataset.record !== undefined) return `/${await fragmentOf({ record: JSON.parse(link.dataset.record) })}`;
  const { record } = await (await ask(`/page/suites/${link.dataset.case}`)).json();
  return `/${await fragmentOf({ record })}`;
}

// ── Thresholds ───────────────────────────────────────────────────────────────────────────────────

/** Try the numbers as they are typed. */
function tryNumbers() {
  /** @type {{file: string, line: number, column: number, value: number}[]} */
  const changes = [];
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#thresholds input"))) {
    const isOther = input.value !== input.dataset.was;
    input.closest("tr")?.classList.toggle("changed", isOther);
    const was = input.nextElementSibling;
    if (was instanceof HTMLElement) was.hidden = !isOther;
    if (!input.checkValidity()) {
      giveUp("trial");
      byId("trial")?.replaceChildren();
      input.reportValidity();
      return;
    }
    const { file = "", line, column } = input.dataset;
    if (isOther) changes.push({ file, line: Number(line), column: Number(column), value: input.valueAsNumber });
  }
  const record = openRecord();
  attempt(() => follow("trial", "/page/thresholds", record === undefined ? { changes } : { changes, record }));
}

/** The record that is open in the case page of this tab, if there is one. */
function openRecord() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}").record;
  } catch {
    return undefined;
  }
}

// ── What is pressed and typed ────────────────────────────────────────────────────────────────────

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const link = target.closest("a[data-record], a[data-case]");
  if (link instanceof HTMLAnchorElement) {
    event.preventDefault();
    attempt(async () => location.assign(await addressOf(link)));
    return;
  }
  const button = target.closest("button");
  if (button === null) return;
  if (button.dataset.post !== undefined) {
    const path = button.dataset.post;
    attempt(async () => {
      put(await askForPart(path, {}));
      await show();
    });
  } else if (button.id === "edit") edit();
  else if (button.id === "compare-edited") compareEdited();
  else if (button.id === "discard") {
    edited.delete(byId(VIEW)?.dataset.file ?? "");
    const area = /** @type {HTMLTextAreaElement} */ (byId("edit-text"));
    area.value = area.defaultValue;
    byId("differences")?.replaceChildren();
    edit();
  }
});

document.addEventListener("input", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.id === "filter" || target.id === "failed-only") filter();
  if (target instanceof HTMLTextAreaElement && target.id === "edit-text") {
    edited.set(byId(VIEW)?.dataset.file ?? "", target.value);
  }
});

document.addEventListener("change", (event) => {
  if (/** @type {Element} */ (event.target).closest("#thresholds") !== null) tryNumbers();
});

document.addEventListener("reset", () => setTimeout(tryNumbers));

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLElement} */ (event.target);
  if (form.id === "thresholds") tryNumbers();
  if (form.id === "editing") {
    const area = /** @type {HTMLTextAreaElement} */ (byId("edit-text"));
    edited.set(byId(VIEW)?.dataset.file ?? "", area.value);
    compareEdited();
  }
  if (form.id === "versions") {
    const versions = ["version-before", "version-after"].map((id) => /** @type {HTMLSelectElement} */ (byId(id)).value);
    attempt(() => follow("differences", "/page/differences", { versions }));
  }
});

addEventListener("hashchange", show);

takeToken();
askForPart("/page/start").then((start) => {
  const policy = start.querySelector("#policy");
  if (policy !== null) put(policy);
});
show();
