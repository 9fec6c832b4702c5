// The page of a case: the record lives here, and the server is asked at each edit what it is judged.

import "./copying.js";
import { History } from "./history.js";
import { dataOf, fragmentOf, LinkError } from "./link.js";
import { goTo, put } from "./morph.js";
import { valueAt, valueOf, without, withValue } from "./record.js";
import { ask, askForPart, notice, takeToken } from "./server.js";
import { TextView } from "./text.js";

/** @typedef {import("./record.js").CaseRecord} CaseRecord */
/** @typedef {{name: string, record: CaseRecord}} Scenario */
/**
 * What is undone and done again: the record, the one that it is compared with, how the policy is read, the questions
 * that cannot be answered, and the scenarios.
 * @typedef {{record: CaseRecord, first: CaseRecord, readings: Record<string, string>, declined: string[], scenarios: Scenario[]}} State
 */

const KEPT = "reasoner-case";

/** @type {History<State> | null} */
let edits = null;
let day = "";
let isAsking = false;
let isStale = false;
let isTyping = false;
let isOpened = false;
/** @type {{path: string, range: string} | null} */
let swept = null;

const text = new TextView((record) => change({ record }, "text"));

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** The state that is shown. */
const shown = () => /** @type {History<State>} */ (edits).present;

// ── Opening ──────────────────────────────────────────────────────────────────────────────────────

/**
 * Open a record; what was open before is a step back.
 * @param {CaseRecord} record
 * @param {Partial<State>} [more]
 */
function open(record, more = {}) {
  const state = { record, first: record, readings: {}, declined: [], scenarios: [], ...more };
  if (edits === null) edits = new History(state);
  else edits.push(state);
  swept = null;
  isOpened = true;
  notice("");
  refresh();
}

/** A record that the server does not take is not open: what was before it is. */
function closeRefused() {
  isOpened = false;
  if (edits?.undo()) {
    edits.future.pop();
    refresh();
  } else {
    edits = null;
    sessionStorage.removeItem(KEPT);
  }
}

/** Show the parts of the page that are of a case. */
function showParts() {
  byId("welcome").hidden = true;
  for (const id of ["record", "judgement", "trying", "jump"]) byId(id).hidden = false;
  for (const id of ["share", "download", "print", "save-case"]) /** @type {HTMLButtonElement} */ (byId(id)).disabled = false;
}

function openEmpty() {
  const today = new Date();
  const local = new Date(today.getTime() - today.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  open(day ? withValue({}, day, local) : {});
}

/** @param {unknown} data */
function openShared(data) {
  const found = /** @type {any} */ (data);
  if (found === null || typeof found !== "object" || !isRecord(found.record)) {
    throw new LinkError("The link holds no case. What was open here is kept.");
  }
  open(found.record, {
    first: isRecord(found.first) ? found.first : found.record,
    scenarios: Array.isArray(found.scenarios) ? found.scenarios.filter(isScenario) : [],
    readings: isRecord(found.readings) ? found.readings : {},
  });
}

/** @param {unknown} data */
function isRecord(data) {
  return data !== null && typeof data === "object" && !Array.isArray(data);
}

/** @param {any} data */
function isScenario(data) {
  return isRecord(data) && typeof data.name === "string" && isRecord(data.record);
}

/** @param {File} file */
async function openFile(file) {
  if (file.size > 5_000_000) {
    notice(`${file.name}: larger than any record.`);
    return;
  }
  const format = /\.json$/i.test(file.name) ? "json" : /\.ya?ml$/i.test(file.name) ? "yaml" : null;
  const parsed = await text.parsed(await file.text(), format);
  if (parsed.record === null) notice(`${file.name}: ${parsed.faults}`);
  else open(parsed.record);
}

/** A link in the address, else what was open in this tab before. */
async function openWhatIsThere() {
  try {
    const shared = await dataOf(location.hash);
    if (shared !== undefined) {
      history.replaceState(null, "", location.pathname);
      openShared(shared);
      return;
    }
  } catch (error) {
    history.replaceState(null, "", location.pathname);
    if (edits === null) openKept();
    notice(error instanceof Error ? error.message : String(error));
    return;
  }
  if (edits === null) openKept();
}

function openKept() {
  const kept = sessionStorage.getItem(KEPT);
  if (kept === null) return;
  try {
    openShared(JSON.parse(kept));
  } catch {
    sessionStorage.removeItem(KEPT);
  }
}

// ── Edits ────────────────────────────────────────────────────────────────────────────────────────

/**
 * Go on to another state. `place`: edits one after the other at the same place are undone together.
 * @param {Partial<State>} changes
 * @param {string} [place]
 */
function change(changes, place = "") {
  if (edits === null) return;
  edits.push({ ...edits.present, declined: [], ...changes }, place);
  notice("");
  refresh();
}

/** @param {string} path @param {string} kind @param {string} typed */
function type(path, kind, typed) {
  const value = valueOf(kind, typed);
  const { record } = shown();
  isTyping = true;
  change({ record: value === undefined ? cleared(record, path) : withValue(record, path, value) }, path);
}

/**
 * A field that is emptied is not stated; of a list of words it stays until it is left, so that it can be typed anew.
 * @param {CaseRecord} record @param {string} path
 */
function cleared(record, path) {
  return path.endsWith("]") ? withValue(record, path, "") : without(record, path);
}

/** @param {string} path */
function add(path) {
  const { record } = shown();
  const before = valueAt(record, path);
  const at = Array.isArray(before) ? before.length : 0;
  change({ record: withValue(record, `${path}[${at}]`, {}) });
  pending = `${path}[${at}]`;
}
/** @type {string | null} where the cursor goes once it is there */
let pending = null;

/** @param {string} path @param {string} typed */
function append(path, typed) {
  if (typed.trim() === "") return;
  isTyping = true;
  const { record } = shown();
  const before = valueAt(record, path);
  change({ record: withValue(record, `${path}[${Array.isArray(before) ? before.length : 0}]`, typed) });
}

/** @param {string} path @param {string} value @param {boolean} isReferred */
function refer(path, value, isReferred) {
  const { record } = shown();
  const before = valueAt(record, path);
  const others = (Array.isArray(before) ? before : []).filter((one) => one !== value);
  const after = isReferred ? [...others, value] : others;
  change({ record: after.length ? withValue(record, path, after) : without(record, path) });
}

/** @param {string} path @param {unknown} body @returns {Promise<void>} */
async function changeByServer(path, body) {
  const answer = await (await ask(path, body)).json();
  change({ record: answer.record });
}

// ── Asking ───────────────────────────────────────────────────────────────────────────────────────

/** Ask what the record is judged; of edits that come faster than answers, the last. */
async function refresh() {
  clearTimeout(sweeping); // what is swept is a record that was judged
  isStale = true;
  if (isAsking) return;
  isAsking = true;
  const slow = setTimeout(() => byId("judgement").setAttribute("aria-busy", "true"), 250);
  try {
    while (isStale) {
      isStale = false;
      const { record, first, readings, declined } = shown();
      const made = await askForPart("/page/case", { record, ...(first === record ? {} : { first }), readings, declined });
      if (!isStale) show(made);
    }
  } catch (error) {
    isAsking = false;
    if (isOpened) closeRefused();
    report(error);
  } finally {
    clearTimeout(slow);
    byId("judgement").removeAttribute("aria-busy");
    isAsking = false;
  }
}

/** @param {Element} made */
function show(made) {
  const form = made.querySelector("#form");
  const verdict = made.querySelector("#verdict");
  if (form === null || verdict === null) return;
  showParts();
  if (isOpened) byId("form").replaceWith(document.importNode(form, true));
  else put(form, { typing: isTyping || document.activeElement?.hasAttribute("data-append") });
  put(verdict);
  isTyping = isOpened = false;
  byId("judgement").classList.remove("stale");
  const { decision, case: name, policy, first } = /** @type {HTMLElement} */ (byId("verdict")).dataset;
  if (policy) byId("policy").textContent = policy;
  document.title = `${decision ? `${byId("verdict-title").textContent?.trim()} · ${name}` : "To mend"} · reasoner`;
  say(byId("verdict-title").textContent?.trim() ?? "");
  byId("jump-decision").textContent = decision ? `Verdict: ${decision.replaceAll("_", " ")}` : "To mend";
  const history = /** @type {History<State>} */ (edits);
  if (first === "refused") history.present = { ...history.present, first: history.present.record };
  keep();
  /** @type {HTMLButtonElement} */ (byId("undo")).disabled = history.past.length === 0;
  /** @type {HTMLButtonElement} */ (byId("redo")).disabled = history.future.length === 0;
  if (pending !== null) goTo(pending);
  pending = null;
  text.show(shown().record);
  if (!decision) return;
  compareScenarios().catch(report);
  sweepAgain();
}

/** @param {string} sentence */
function say(sentence) {
  const place = byId("spoken");
  if (place.textContent !== sentence) place.textContent = sentence;
}

/** What is open stays in this tab when it is loaded anew; closing the tab forgets it. */
function keep() {
  if (edits === null) return;
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(whole()));
  } catch {
    sessionStorage.removeItem(KEPT);
  }
}

/** All that is open, as a link holds it. */
function whole() {
  const { record, first, readings, scenarios } = shown();
  return { record, first, readings, scenarios };
}

// ── What if ──────────────────────────────────────────────────────────────────────────────────────

async function compareScenarios() {
  const { record, first, readings, scenarios } = shown();
  if (scenarios.length === 0 && byId("scenarios").querySelector("table") === null && byId("scenarios").childElementCount) return;
  put(await askForPart("/page/scenarios", { first, scenarios, record, readings }));
}

/** @param {string} name */
function keepScenario(name) {
  const { record, scenarios } = shown();
  change({ scenarios: [...scenarios.filter((one) => one.name !== name), { name, record }] });
}

async function downloadScenarios() {
  const { first, scenarios } = shown();
  const answer = await ask("/page/scenarios-file", { first, scenarios });
  save(await answer.text(), `${caseName()}.scenarios.yaml`, "application/yaml");
}

/**
 * Draw the decision along a value; without one, offer the values that there are.
 * @param {{path: string, range: string} | null} asked
 */
async function sweep(asked) {
  swept = asked;
  const { record, readings } = shown();
  put(await askForPart("/page/sweep", { record, readings, ...asked }), { typing: true });
}

/** What was swept is swept again once the typing pauses. */
function sweepAgain() {
  clearTimeout(sweeping);
  sweeping = setTimeout(() => sweep(swept).catch(report), 400);
}
/** @type {ReturnType<typeof setTimeout> | undefined} */
let sweeping;

// ── Out of the page ──────────────────────────────────────────────────────────────────────────────

async function share() {
  const link = `${location.origin}${location.pathname}${await fragmentOf(whole())}`;
  try {
    await navigator.clipboard.writeText(link);
    say("The link is copied. It holds the whole record: give it only to who may read that.");
  } catch {
    prompt("The link holds the whole record: give it only to who may read that.", link);
  }
}

/** @param {string} content @param {string} name @param {string} kind */
function save(content, name, kind) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: kind }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function caseName() {
  const name = shown().record.case_id;
  return typeof name === "string" ? name.replace(/[^\w.-]+/g, "-").slice(0, 80) || "case" : "case";
}

/** @param {unknown} error */
function report(error) {
  notice(error instanceof Error ? error.message : String(error));
}

// ── Events ───────────────────────────────────────────────────────────────────────────────────────

/** @type {[string, (value: string, from: HTMLElement) => unknown][]} by data attribute, what a press does */
const PRESSES = [
  ["press", (id) => byId(id).click()],
  ["example", async (name) => {
    const answer = await ask(`/page/example/${encodeURIComponent(name)}`);
    /** @type {HTMLDialogElement} */ (byId("open-dialog")).close();
    open(await answer.json());
  }],
  ["goto", (path) => goToField(path)],
  ["apply", (patch) => changeByServer("/page/apply", { record: shown().record, edits: JSON.parse(patch) })],
  ["set", (path, from) => change({ record: withValue(shown().record, path, numberOrText(from.dataset)) })],
  ["remove", (path) => change({ record: without(shown().record, path) })],
  ["none", (path) => change({ record: withValue(shown().record, path, []) })],
  ["add", (path) => add(path)],
  ["rule", (item) => showRule(item)],
  ["decline", (key) => change({ declined: [...shown().declined, key] })],
  ["first", (which) => change(which === "now" ? { first: shown().record } : { record: shown().first, readings: {} })],
  ["scenario", (at) => change({ record: shown().scenarios[Number(at)].record })],
  ["forget", (at) => change({ scenarios: shown().scenarios.filter((_, place) => place !== Number(at)) })],
  ["copy", async (id) => { await navigator.clipboard.writeText(byId(id).textContent ?? ""); say("Copied."); }],
  ["close", (_, from) => from.closest("dialog")?.close()],
];

/** @param {DOMStringMap} data */
function numberOrText(data) {
  return data.kind === "number" ? Number(data.value) : data.value ?? "";
}

document.addEventListener("click", (event) => {
  const from = event.target instanceof Element ? event.target.closest("button, [role=button]") : null;
  if (!(from instanceof HTMLElement || from instanceof SVGElement)) return;
  for (const [name, press] of PRESSES) {
    const value = from.dataset[name];
    if (value !== undefined) {
      Promise.resolve(press(value, /** @type {HTMLElement} */ (from))).catch(report);
      return;
    }
  }
});

document.addEventListener("keydown", (event) => {
  const from = event.target;
  if (from instanceof SVGElement && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    from.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    return;
  }
  const isText = from instanceof HTMLTextAreaElement || (from instanceof HTMLInputElement && from.id === "scenario-name");
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || isText || edits === null) return;
  event.preventDefault();
  if (event.shiftKey ? edits.redo() : edits.undo()) refresh();
});

byId("record").addEventListener("input", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement || input instanceof HTMLSelectElement)) return;
  const { path, kind, refer: list } = input.dataset;
  if (list !== undefined) refer(list, input.value, /** @type {HTMLInputElement} */ (input).checked);
  else if (path !== undefined) type(path, kind ?? "text", input.value);
});

byId("record").addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement)) return;
  const { path, append: list } = input.dataset;
  if (list !== undefined) {
    append(list, input.value);
    input.value = "";
  } else if (path?.endsWith("]") && input.value.trim() === "") change({ record: without(shown().record, path) });
});

byId("trying").addEventListener("change", (event) => {
  const select = event.target;
  if (select instanceof HTMLSelectElement && select.id === "sweep-path") sweep({ path: select.value, range: "" }).catch(report);
});

byId("record").addEventListener("keydown", (event) => {
  const input = event.target;
  if (event.key === "Enter" && input instanceof HTMLInputElement && input.dataset.append !== undefined) {
    event.preventDefault();
    append(input.dataset.append, input.value);
    input.value = "";
  }
});

byId("judgement").addEventListener("input", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || input.dataset.reading === undefined) return;
  change({ readings: { ...shown().readings, [input.dataset.reading]: input.value } });
});

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method === "dialog") return;
  event.preventDefault();
  if (form.id === "answer") {
    const given = new FormData(form, /** @type {SubmitEvent} */ (event).submitter).get("answer");
    const { record, readings, declined } = shown();
    changeByServer("/page/answer", { record, readings, declined, key: form.dataset.key, answer: String(given ?? "") }).catch((error) => {
      const place = byId("answer-fault");
      place.textContent = error.message;
      place.hidden = false;
    });
  } else if (form.id === "keep") {
    const name = /** @type {HTMLInputElement} */ (byId("scenario-name"));
    if (name.value.trim() !== "") keepScenario(name.value.trim());
    name.value = "";
  } else if (form.id === "suite-case") {
    saveCase(/** @type {SubmitEvent} */ (event).submitter?.getAttribute("value") === "write").catch(report);
  } else if (form.id === "sweep-form") {
    const data = new FormData(form);
    sweep({ path: String(data.get("path")), range: String(data.get("range") ?? "") }).catch(report);
  }
});

/** @param {string} item */
async function showRule(item) {
  put(await askForPart(`/page/rule/${encodeURIComponent(item)}`));
  byId("rule-title").textContent = `The rule of ${item}`;
  const dialog = /** @type {HTMLDialogElement} */ (byId("rule-dialog"));
  if (!dialog.open) dialog.showModal();
}

async function showSuiteCase() {
  if (byId("verdict").dataset.otherwise !== undefined) {
    notice("A suite judges by the rules as they stand: read the policy as it stands first, then save the case.");
    return;
  }
  byId("suite-case-place").replaceChildren(document.importNode(await askForPart("/page/suite-case"), true));
  /** @type {HTMLDialogElement} */ (byId("suite-dialog")).showModal();
}

/** @param {boolean} isWritten */
async function saveCase(isWritten) {
  const input = (/** @type {string} */ id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id));
  const suite = isWritten ? { suite: input("case-suite")?.value.trim() ?? "" } : {};
  const fault = byId("suite-case-fault");
  fault.hidden = true;
  try {
    const name = input("case-sentence")?.value.trim() ?? "";
    put(await askForPart("/page/suite-case", { record: shown().record, name, ...suite }));
  } catch (error) {
    fault.textContent = error instanceof Error ? error.message : String(error);
    fault.hidden = false;
  }
}

/** @type {[string, () => unknown][]} */
const TOOLS = [
  ["open", () => /** @type {HTMLDialogElement} */ (byId("open-dialog")).showModal()],
  ["new", openEmpty],
  ["undo", () => edits?.undo() && refresh()],
  ["redo", () => edits?.redo() && refresh()],
  ["share", share],
  ["download", () => save(`${JSON.stringify(shown().record, null, 2)}\n`, `${caseName()}.json`, "application/json")],
  ["print", () => window.print()],
  ["save-case", showSuiteCase],
];
for (const [id, press] of TOOLS) byId(id).addEventListener("click", () => Promise.resolve(press()).catch(report));

byId("scenarios").addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("#scenarios-file")) downloadScenarios().catch(report);
});

for (const radio of document.querySelectorAll('input[name="view"]')) {
  radio.addEventListener("change", () => viewAs(/** @type {HTMLInputElement} */ (radio).value).catch(report));
}

/** @param {string} view the form, or a format of text */
async function viewAs(view) {
  byId("form-view").hidden = view !== "form";
  await text.use(view === "form" ? null : view, shown().record);
}

/** @param {string} path */
async function goToField(path) {
  /** @type {HTMLInputElement} */ (document.querySelector('input[name="view"][value="form"]')).checked = true;
  await viewAs("form");
  goTo(path);
}

const file = /** @type {HTMLInputElement} */ (byId("file"));
file.addEventListener("change", () => {
  /** @type {HTMLDialogElement} */ (byId("open-dialog")).close();
  if (file.files?.[0]) openFile(file.files[0]).catch(report);
  file.value = "";
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const dropped = event.dataTransfer?.files[0];
  /** @type {HTMLDialogElement} */ (byId("open-dialog")).close();
  if (dropped) openFile(dropped).catch(report);
});
window.addEventListener("hashchange", () => {
  if (location.hash.includes("=")) openWhatIsThere().catch(report);
});

/** The words, examples and name of the policy, then what is there to open. */
async function begin() {
  takeToken();
  const made = await askForPart("/page/start");
  const examples = made.querySelector("#examples");
  for (const id of ["lists", "examples", "policy"]) {
    const part = made.querySelector(`#${id}`);
    if (part !== null) byId(id).replaceWith(document.importNode(part, true));
  }
  day = /** @type {HTMLElement} */ (examples)?.dataset.day ?? "";
  byId("open-examples").replaceChildren(document.importNode(/** @type {Element} */ (examples?.firstElementChild), true));
  await openWhatIsThere();
}

begin().catch(report);
