// The day so far (workers/web/day.py): small lines in rows, lines and their limit, what was not seen.
import { Answer } from "./answer.js";
import { clock, contractLink, make, svg } from "./dom.js";
import { counted, duration } from "./words.js";

/** Time after which it is asked for again, ms; the server keeps it for a minute. */
const AGAIN_MS = 60_000;
/** Width and heights of the pictures, in their own units. */
const WIDE = 600;
const HIGH = 100;
const BAR = 10;
/** Steps of a small line in a day, and its height. */
export const STEPS = 48;
export const SPARK_HIGH = 20;

export class Day extends Answer {
  constructor(changed) {
    super(address, AGAIN_MS, "reading the lake", changed);
  }

  /** Return the corners of a contract's small line, and what it says; null where there are no two prices. */
  spark(conId) {
    const points = this.facts?.sparks[conId];
    if (!points || points.length < 2) return null;
    const prices = points.map(([, price]) => price);
    const [low, high] = [Math.min(...prices), Math.max(...prices)];
    const y = (price) => Math.round((SPARK_HIGH - 2 - ((price - low) / (high - low || 1)) * (SPARK_HIGH - 4)) * 10) / 10;
    const note = `today ${prices[0]} to ${prices.at(-1)}, from ${low} to ${high}`;
    return { points: points.map(([step, price]) => `${step},${y(price)}`).join(" "), note };
  }

  /** Return the day's parts of the view of lines. */
  draw() {
    const { facts } = this;
    const note = this.note ? [make("p", "soft", this.note)] : [];
    if (!facts) return [make("h2", "", "Today"), ...note];
    const parts = [make("h2", "", "Lines today"), ...note];
    parts.push(facts.lines.length ? usage(facts) : make("p", "", "No line was opened yet."));
    parts.push(make("h2", "", `Not seen today: ${counted(facts.count, "contract")}`));
    if (facts.unseen.length) parts.push(timeline(facts));
    return parts;
  }
}

function address() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `day?${new URLSearchParams({ zone })}`;
}

function placed(facts) {
  return (at) => Math.round(((at - facts.begin) / (facts.end - facts.begin)) * WIDE * 10) / 10;
}

/** Draw lines held as steps, below the limit. */
function usage(facts) {
  const x = placed(facts);
  const most = Math.max(...facts.lines.map(([, held, allowed]) => Math.max(held, allowed)), 1);
  const y = (count) => Math.round((HIGH - 4 - (count / most) * (HIGH - 8)) * 10) / 10;
  const steps = (place) => facts.lines.flatMap((one, index) => {
    const end = facts.lines[index + 1]?.[0] ?? facts.until;
    return [`${x(one[0])},${y(one[place])}`, `${x(end)},${y(one[place])}`];
  }).join(" ");
  const last = facts.lines.at(-1);
  const held = Math.max(...facts.lines.map((one) => one[1]));
  return make("figure", "",
    svg("svg", {
      class: "plot day", viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img",
      "aria-label": `lines from ${clock(facts.begin)} to ${clock(facts.end)}: at most ${held} held, ${last[2]} allowed now`,
    }, svg("polyline", { class: "limit", points: steps(2) }), svg("polyline", { points: steps(1) })),
    make("figcaption", "soft", `from midnight to midnight: at most ${counted(held, "line")} held; ${last[2]} allowed now`));
}

/** Draw a bar for each contract, with the times in which it was wanted and not seen. */
function timeline(facts) {
  const x = placed(facts);
  const rows = facts.unseen.map((one) => {
    const times = one.times.map(([begin, end, known]) => svg("rect", {
      class: known ? "gap" : "gap doubt", x: x(begin), y: 0, width: Math.max(x(end) - x(begin), 1), height: BAR,
    }));
    const picture = svg("svg", {
      class: "bar-of-day", viewBox: `0 0 ${WIDE} ${BAR}`, preserveAspectRatio: "none", role: "img",
      "aria-label": `${one.label}: ${counted(one.times.length, "time")}, ` +
        one.times.slice(0, 5).map(([begin, end]) => `${clock(begin)} to ${clock(end)}`).join(", "),
    }, ...times);
    const label = make("span", "", contractLink(one.con_id, one.label));
    return make("div", "unseen-row", label, picture, make("span", "number", duration(one.seconds * 1000)));
  });
  return make("div", "unseen-rows", ...rows);
}
