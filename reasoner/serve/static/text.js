// The record as text, JSON or YAML, beside the form: what is wrong with it stands at its line.

import { ask } from "./server.js";

/** @typedef {import("./record.js").CaseRecord} CaseRecord */
/** @typedef {{line: number, column: number, path: string, message: string}} TextFault */

export class TextView {
  /** @param {(record: CaseRecord) => void} change */
  constructor(change) {
    this.change = change;
    /** @type {string | null} */
    this.format = null;
    this.asked = 0;
    /** @type {{format: string, text: string} | null} what was typed and is no record yet */
    this.draft = null;
    this.input.addEventListener("input", () => this.read());
    this.input.addEventListener("scroll", () => {
      this.lines.scrollTop = this.input.scrollTop;
    });
  }

  get input() {
    return /** @type {HTMLTextAreaElement} */ (document.getElementById("text-input"));
  }

  get lines() {
    return /** @type {HTMLElement} */ (document.getElementById("text-lines"));
  }

  /**
   * Show the record in a format, or not as text.
   * @param {string | null} format
   * @param {CaseRecord} record
   */
  async use(format, record) {
    this.format = format;
    /** @type {HTMLElement} */ (document.getElementById("text")).hidden = format === null;
    if (format === null) return;
    if (this.draft?.format === format) {
      this.input.value = this.draft.text;
      this.mark((await this.parsed(this.draft.text, format)).marks);
    } else await this.write(record);
  }

  /**
   * Show a record that was changed elsewhere; what is being typed here stays.
   * @param {CaseRecord} record
   */
  show(record) {
    if (document.activeElement === this.input) return;
    this.draft = null;
    if (this.format !== null) this.write(record);
  }

  /** @param {CaseRecord} record */
  async write(record) {
    const number = ++this.asked;
    const answer = await (await ask("/page/write", { record, format: this.format })).json();
    if (number !== this.asked) return; // what was typed meanwhile stays
    this.input.value = answer.text;
    this.mark((await this.parsed(answer.text, this.format)).marks);
  }

  /** Take what was typed as the record, if it is one. */
  async read() {
    const number = ++this.asked;
    const found = await this.parsed(this.input.value, this.format);
    if (number !== this.asked) return;
    this.mark(found.marks);
    const isRecord = found.record !== null;
    this.draft = isRecord || this.format === null ? null : { format: this.format, text: this.input.value };
    document.getElementById("judgement")?.classList.toggle("stale", !isRecord);
    if (found.record !== null) this.change(found.record);
  }

  /**
   * The data of a text, with what is wrong with it; of no format: in that which it seems to have.
   * @param {string} text
   * @param {string | null} format
   * @returns {Promise<{record: CaseRecord | null, faults: string, marks: TextFault[]}>}
   */
  async parsed(text, format) {
    const answer = await (await ask("/page/read", format === null ? { text } : { text, format })).json();
    const marks = /** @type {TextFault[]} */ (answer.faults);
    return { record: answer.record, marks, faults: marks.map((one) => `line ${one.line}: ${one.message}`).join("; ") };
  }

  /** @param {TextFault[]} faults */
  mark(faults) {
    const count = this.input.value.split("\n").length;
    const wrong = new Set(faults.map((one) => one.line));
    this.lines.replaceChildren(
      ...Array.from({ length: count }, (_, at) => {
        const line = document.createElement("span");
        line.textContent = wrong.has(at + 1) ? `⚠ ${at + 1}` : String(at + 1);
        line.classList.toggle("fault", wrong.has(at + 1));
        return line;
      }),
    );
    this.lines.scrollTop = this.input.scrollTop;
    const list = document.createElement("ul");
    list.className = "faults";
    for (const one of faults) {
      const item = document.createElement("li");
      const button = document.createElement("button");
      item.className = "fault";
      button.type = "button";
      button.className = "goto";
      button.textContent = `line ${one.line}`;
      button.addEventListener("click", () => this.goTo(one.line));
      item.append(button, ` ${one.path ? `${one.path}: ` : ""}${one.message}`);
      list.append(item);
    }
    /** @type {HTMLElement} */ (document.getElementById("text-faults")).replaceChildren(...(faults.length ? [list] : []));
  }

  /** @param {number} line */
  goTo(line) {
    const before = this.input.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    const end = this.input.value.indexOf("\n", before);
    this.input.focus();
    this.input.setSelectionRange(before, end < 0 ? this.input.value.length : end);
  }
}
