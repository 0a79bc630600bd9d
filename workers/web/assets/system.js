// Lines, queue and landing, reconciliation: what the processes say of themselves.
import { now } from "./clock.js";
import { clock, contractLink, make, number, svg, table } from "./dom.js";
import { counted, duration } from "./words.js";

/** Height of the strip of landings, in its own units. */
const STRIP_HIGH = 30;

const ago = (ms) => (ms === null ? "never" : `${duration(now() - ms)} ago`);
const seconds = (value) => (value === null ? "?" : `${value} s`);

export function drawLines(facts) {
  if (!facts) return [make("p", "", "The gateway publishes no status.")];
  const total = Object.values(facts.uses).reduce((sum, count) => sum + count, 0);
  const words = Object.entries(facts.uses).filter(([, count]) => count).map(([use, count]) => `${count} ${use}`);
  const slots = make("div", "slots");
  slots.setAttribute("role", "img");
  slots.setAttribute("aria-label", `${total} slots: ${words.join(", ")}`);
  const uses = Object.entries(facts.uses);
  const look = (use) => use.replace(" ", "-");
  for (const [use, count] of uses) {
    for (let place = 0; place < count; place += 1) slots.append(make("div", `slot ${look(use)}`));
  }
  const keys = uses.map(([use, count]) => make("span", `key ${look(use)}`, `${use} ${count}`));
  const ages = (name, one) => [name, number(one.contracts), seconds(one.planned_s), seconds(one.worst_s), number(one.never_quoted)];
  return [
    make("h2", "", counted(facts.limit, "market data line")),
    slots,
    make("p", "", ...keys),
    make("p", "", `Connection: ${facts.session} ${facts.detail}`.trim(), `; updated ${ago(facts.at)}. ${counted(facts.waiting, "waits", "wait")} for a line.`),
    make("h2", "", "Active contracts"),
    table("Active contracts", ["contract", "strategies", "line", "state", "since", "reason"],
      facts.legs.map((leg) => [
        contractLink(leg.con_id, leg.label), leg.strategies, leg.has_line ? "has a line" : "none",
        { text: leg.state, look: leg.state === "seen" ? "good" : "" }, leg.since === null ? "" : ago(leg.since), leg.reason,
      ])),
    make("h2", "", "Quotes in turn"),
    make("p", "", `${counted(facts.quoted, "contract")}, ${counted(facts.rate, "quote")} a second`),
    table("Quotes in turn", ["contracts", "count", "at most", "oldest now", "never quoted"],
      [ages("watchlist", facts.watched), ages("others", facts.others)]),
  ];
}

export function drawQueue(facts) {
  if (!facts) return [make("p", "", "The lake worker publishes no status.")];
  const most = Math.max(...facts.ages, 1);
  const bars = make("div", "bar");
  facts.ages.forEach((count, place) => {
    const bound = facts.bounds[place];
    const name = bound === undefined ? `over ${facts.bounds.at(-1)} s` : `up to ${bound} s`;
    const meter = Object.assign(document.createElement("meter"), { min: 0, max: most, value: count });
    meter.setAttribute("aria-label", `${counted(count, "item")} ${name} old`);
    bars.append(name, make("span", "", `${count}`), meter);
  });
  return [
    make("h2", "", "Queue"),
    make("p", "", `${facts.waiting} waiting, ${facts.leased} in ${counted(facts.batches, "batch", "batches")}; ` +
      (facts.oldest_at === null ? "nothing is older" : `the oldest came ${ago(facts.oldest_at)}`)),
    bars,
    make("h2", "", "Landing"),
    make("p", "", `${counted(facts.entries, "entry", "entries")} to land, ${facts.spooled ?? "?"} in the gateway's spool; updated ${ago(facts.at)}`),
    ...(facts.landings.length > 1 ? [strip([...facts.landings].reverse())] : []),
    table("The last landings", ["landed", "rows", "ms"],
      facts.landings.map((one) => [clock(one.at), number(one.rows), number(one.ms)])),
  ];
}

/** Draw landings as bars by their rows, the newest at the right. */
function strip(landings) {
  const most = Math.max(...landings.map((one) => one.rows), 1);
  const rows = landings.reduce((sum, one) => sum + one.rows, 0);
  const slowest = Math.max(...landings.map((one) => one.ms));
  const bars = landings.map((one, place) => {
    const high = Math.round((one.rows / most) * STRIP_HIGH * 10) / 10;
    return svg("rect", { x: place * 10 + 1, y: STRIP_HIGH - high, width: 8, height: high });
  });
  return svg("svg", {
    class: "strip", viewBox: `0 0 ${landings.length * 10} ${STRIP_HIGH}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `the last ${counted(landings.length, "landing")}: ${counted(rows, "row")}, the largest of ${most}, the slowest in ${slowest} ms`,
  }, ...bars);
}

export function drawBook(facts) {
  if (!facts) return [make("p", "", "The lake was not read yet.")];
  const good = facts.status === "matched";
  const parts = [
    make("h2", "", "Reconciliation"),
    facts.status === "none"
      ? make("p", "", "There is no report yet.")
      : make("p", good ? "good" : "bad", `${facts.status}: ${facts.matched} matched, ${counted(facts.breaks, "break")}, ${ago(facts.at)}`),
  ];
  if (facts.reason) parts.push(make("p", "", facts.reason));
  if (facts.error) parts.push(make("p", "bad", facts.error));
  parts.push(make("h2", "", `Open breaks: ${facts.count}`));
  if (facts.open.length) parts.push(breaksTable(facts.open));
  return parts;
}

export function breaksTable(breaks) {
  return table("Open breaks", ["contract", "account", "kind", "cause", "state", "book", "broker", "since", "seen from"],
    breaks.map((one) => [
      contractLink(one.con_id, one.symbol || `${one.con_id}`), one.account, one.kind, one.cause, one.state,
      { text: one.book, look: "number" }, { text: one.broker, look: "number" }, ago(one.since), one.evidence,
    ]));
}
