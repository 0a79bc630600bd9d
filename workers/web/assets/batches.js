// The last batches of the queue as a strip: how long each took to be answered, and to land then.
import { Answer } from "./answer.js";
import { clock, make, number, svg, table } from "./dom.js";
import { counted } from "./words.js";

const AGAIN_MS = 10_000;
const HIGH = 40;
/** Batches that are listed, the newest. */
const LISTED = 10;

export class Batches extends Answer {
  constructor(changed) {
    super(() => "batches", AGAIN_MS, "reading the lake", changed);
  }

  /** Return the batches' parts of the view of the queue. */
  draw() {
    const parts = [make("h2", "", "Batches of the last ten minutes")];
    if (this.note) parts.push(make("p", "soft", this.note));
    const batches = this.facts?.batches;
    if (!batches) return parts;
    if (!batches.length) return [...parts, make("p", "", "None was leased.")];
    if (batches.length > 1) parts.push(strip(batches));
    parts.push(make("p", "", make("span", "key answered", "leased to answered"), make("span", "key landed", "answered to landed")));
    parts.push(table("Batches", ["leased", "items", "failed", "answered after", "landed after", "worker"],
      batches.slice(-LISTED).reverse().map((one) => [
        clock(one.leased_at), number(one.items), number(one.errors), ms(one.answered_ms), ms(one.landed_ms), one.worker,
      ])));
    return parts;
  }
}

function ms(value) {
  return value === null ? "not yet" : { text: `${value.toLocaleString("en-US")} ms`, look: "number" };
}

function strip(batches) {
  const most = Math.max(...batches.map((one) => (one.answered_ms ?? 0) + (one.landed_ms ?? 0)), 1);
  const high = (value) => Math.round(((value ?? 0) / most) * HIGH * 10) / 10;
  const bars = batches.flatMap((one, place) => {
    const [answered, landed] = [high(one.answered_ms), high(one.landed_ms)];
    const bar = (look, y, height) => svg("rect", { class: look, x: place * 10 + 1, y: Math.max(y, 0), width: 8, height });
    return [bar("answered", HIGH - answered, answered), bar("landed", HIGH - answered - landed, landed)];
  });
  const open = batches.filter((one) => one.landed_ms === null).length;
  return svg("svg", {
    class: "strip", viewBox: `0 0 ${batches.length * 10} ${HIGH}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `the last ${counted(batches.length, "batch", "batches")}: the slowest took ${most} ms until it had landed, ${open} have not landed`,
  }, ...bars);
}
