// What was typed, step by step: undo and redo.

/**
 * @template T
 */
export class History {
  /** @param {T} first */
  constructor(first) {
    /** @type {T[]} */
    this.past = [];
    this.present = first;
    /** @type {T[]} */
    this.future = [];
    this.place = "";
  }

  /**
   * Go on to another state. Changes one after the other at the same place are one step.
   * @param {T} next
   * @param {string} [place]
   */
  push(next, place = "") {
    if (place === "" || place !== this.place) this.past.push(this.present);
    if (this.past.length > 500) this.past.shift();
    this.place = place;
    this.present = next;
    this.future = [];
  }

  /** @returns {boolean} whether there was a step to take back */
  undo() {
    const before = this.past.pop();
    if (before === undefined) return false;
    this.future.push(this.present);
    this.present = before;
    this.place = "";
    return true;
  }

  /** @returns {boolean} whether there was a step to take again */
  redo() {
    const next = this.future.pop();
    if (next === undefined) return false;
    this.past.push(this.present);
    this.present = next;
    this.place = "";
    return true;
  }
}
