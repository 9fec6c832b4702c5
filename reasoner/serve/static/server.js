// Questions to the server that this page came from. Nothing is asked of any other.

const TOKEN = "reasoner-token";
const WAIT = 2000;

/** Whether what stands above all else is that the server does not answer. */
let isWaiting = false;

/** @typedef {{status: number, title: string, detail: string, errors?: {path: string, message: string}[]}} Problem */

/**
 * Ask, again and again while the server does not answer, or has no time.
 * @param {string} path
 * @param {unknown} [body] sent as JSON
 * @returns {Promise<Response>}
 */
export async function ask(path, body) {
  for (;;) {
    /** @type {Response} */
    let answer;
    try {
      answer = await fetch(path, {
        method: body === undefined ? "GET" : "POST",
        headers: headers(body !== undefined),
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch {
      isWaiting = true;
      notice("The server does not answer. What you typed is kept, and asked again until it does.");
      await pause(WAIT);
      continue;
    }
    if (answer.status === 401) {
      await askForToken();
      continue;
    }
    if (answer.status === 429 || answer.status === 503) {
      isWaiting = true;
      notice("The server is busy; what you typed is kept, and asked again.");
      await pause(1000 * Number(answer.headers.get("Retry-After") ?? "1"));
      continue;
    }
    if (isWaiting) notice("");
    isWaiting = false;
    if (!answer.ok) throw new Error(inWords(await problemOf(answer)));
    return answer;
  }
}

/**
 * A part of a page.
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<Element>}
 */
export async function askForPart(path, body) {
  const text = await (await ask(path, body)).text();
  const parsed = new DOMParser().parseFromString(text, "text/html");
  return /** @type {Element} */ (parsed.body.firstElementChild);
}

/**
 * Say something above all else; nothing: take it away.
 * @param {string} text
 */
export function notice(text) {
  const place = /** @type {HTMLElement} */ (document.getElementById("notice"));
  if (place.textContent !== text) place.textContent = text;
  place.hidden = text === "";
}

/**
 * A token that came with the address is kept for this tab, and taken out of the address.
 */
export function takeToken() {
  const found = /^#token=(.+)$/.exec(location.hash);
  if (found === null) return;
  sessionStorage.setItem(TOKEN, decoded(found[1]));
  history.replaceState(null, "", location.pathname);
}

/**
 * A part of an address as text; one that is broken stays as it is.
 * @param {string} part
 */
export function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @param {boolean} hasBody */
function headers(hasBody) {
  /** @type {Record<string, string>} */
  const found = hasBody ? { "Content-Type": "application/json" } : {};
  const token = sessionStorage.getItem(TOKEN);
  if (token !== null) found.Authorization = `Bearer ${token}`;
  return found;
}

/**
 * @param {Response} answer
 * @returns {Promise<Problem>}
 */
async function problemOf(answer) {
  try {
    return await answer.json();
  } catch {
    return { status: answer.status, title: answer.statusText, detail: `the server answered ${answer.status}` };
  }
}

/**
 * What went wrong, in words for people.
 * @param {Problem} problem
 */
function inWords(problem) {
  const faults = (problem.errors ?? []).map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return faults.length ? faults.join("; ") : problem.detail || problem.title;
}

/** @returns {Promise<void>} */
function askForToken() {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("token-dialog"));
  const input = /** @type {HTMLInputElement} */ (document.getElementById("token"));
  const refused = /** @type {HTMLElement} */ (document.getElementById("token-refused"));
  refused.hidden = sessionStorage.getItem(TOKEN) === null;
  return new Promise((given) => {
    dialog.addEventListener(
      "close",
      () => {
        if (input.value) sessionStorage.setItem(TOKEN, input.value);
        input.value = "";
        given();
      },
      { once: true },
    );
    if (!dialog.open) dialog.showModal();
  });
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}
