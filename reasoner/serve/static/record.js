// A record as data, and changes of it by path: therapies[0].periods[1].start.

/** @typedef {null | boolean | number | string | any[] | {[key: string]: any}} Json */
/** @typedef {{[key: string]: any}} CaseRecord */

const STEP = /\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|[^.[\]]+/g;

/**
 * The keys and positions of a path; a key that is not like those of fields is quoted: ['a.b'].
 * @param {string} path
 * @returns {(string | number)[]}
 */
function steps(path) {
  return Array.from(path.matchAll(STEP), ([step, single, double, position]) => {
    if (position !== undefined) return Number(position);
    const quoted = single ?? double;
    return quoted === undefined ? step : quoted.replace(/\\(.)/g, "$1");
  });
}

/**
 * What stands at a path; undefined: nothing.
 * @param {Json} data
 * @param {string} path
 * @returns {Json | undefined}
 */
export function valueAt(data, path) {
  /** @type {Json | undefined} */
  let found = data;
  for (const step of steps(path)) {
    if (found === null || typeof found !== "object") return undefined;
    found = Object.hasOwn(found, step) ? /** @type {any} */ (found)[step] : undefined;
  }
  return found;
}

/**
 * A copy of a record with a value at a path; what has to be around it is made.
 * @param {CaseRecord} record
 * @param {string} path
 * @param {Json} value
 * @returns {CaseRecord}
 */
export function withValue(record, path, value) {
  const copy = structuredClone(record);
  const way = steps(path);
  /** @type {any} */
  let place = copy;
  way.slice(0, -1).forEach((step, at) => {
    if (!Object.hasOwn(place, step) || place[step] === null || typeof place[step] !== "object") {
      define(place, step, typeof way[at + 1] === "number" ? [] : {});
    }
    place = place[step];
  });
  define(place, way[way.length - 1], value);
  return copy;
}

/**
 * A copy of a record without what stands at a path; a list of words that is left empty goes with it.
 * @param {CaseRecord} record
 * @param {string} path
 * @returns {CaseRecord}
 */
export function without(record, path) {
  const copy = structuredClone(record);
  const way = steps(path);
  /** @type {any[]} what stands above it, the record first */
  const above = [copy];
  for (const step of way.slice(0, -1)) above.push(above[above.length - 1]?.[step]);
  for (let at = way.length - 1; at >= 0; at--) {
    const place = above[at];
    if (place === null || typeof place !== "object") return copy;
    if (Array.isArray(place)) place.splice(Number(way[at]), 1);
    else delete place[way[at]];
    if (!Array.isArray(place) || place.length > 0) break;
  }
  return copy;
}

/**
 * A name such as __proto__ is a key like any other.
 * @param {any} place
 * @param {string | number} key
 * @param {Json} value
 */
function define(place, key, value) {
  Object.defineProperty(place, key, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * What was typed, as it stands in a record: what is no number stays text, and the server says what is wrong with it.
 * @param {string} kind
 * @param {string} typed
 * @returns {Json | undefined}
 */
export function valueOf(kind, typed) {
  if (typed.trim() === "") return undefined;
  if (kind === "truth") return typed === "true";
  if (kind === "number" && /^\s*-?\d+([.,]\d+)?\s*$/.test(typed)) return Number(typed.trim().replace(",", "."));
  return typed;
}
