// One contract: its holdings now, its line, its open breaks, and what was recorded in a week.
import { now } from "./clock.js";
import { clock, fill, make, number, table } from "./dom.js";
import { plot } from "./plot.js";
import { breaksTable } from "./system.js";
import { counted, duration, wordAt } from "./words.js";

export class ContractView {
  constructor(element, store) {
    Object.assign(this, { element, store, id: null, history: null, note: "" });
  }

  /** Show a contract, and ask for its history. */
  async open(id) {
    Object.assign(this, { id, history: null, note: "reading the lake" });
    this.draw();
    try {
      const answer = await fetch(`history?id=${encodeURIComponent(id)}`, { cache: "no-store" });
      const found = answer.headers.get("Content-Type").startsWith("application/json") ? await answer.json() : null;
      if (this.id !== id) return;
      this.history = answer.ok ? found : null;
      this.note = answer.ok ? "" : (found?.error ?? `refused: ${answer.status}`);
    } catch {
      this.note = "slotwise web does not answer";
    }
    this.draw();
  }

  draw() {
    const { store } = this;
    const own = (one) => `${one.con_id}` === this.id;
    const held = [...store.facts.keys()].filter((id) => `${store.fact(id, "con_id")}` === this.id);
    const lines = store.system?.lines;
    const leg = lines?.legs.find(own);
    const breaks = store.system?.book?.open.filter(own) ?? [];
    const name = held.length ? store.fact(held[0], "contract") : (leg?.label ?? `contract ${this.id}`);
    const line = lines ? lineOf(leg, lines, held.length > 0) : "the gateway has not yet reported who has its lines";
    const parts = [make("h2", "", name), make("p", "", line)];
    if (held.length) parts.push(this.#holdings(held));
    parts.push(make("h2", "", `Open breaks: ${breaks.length}`));
    if (breaks.length) parts.push(breaksTable(breaks));
    parts.push(make("h2", "", "The last seven days"));
    if (this.note) parts.push(make("p", "soft", this.note));
    if (this.history) parts.push(...drawHistory(this.history));
    fill(this.element, parts);
  }

  #holdings(held) {
    const { store } = this;
    const rows = held.map((id) => {
      const word = wordAt(store.cell(id, "ages"), now());
      const at = store.cell(id, "price_at");
      return [
        store.fact(id, "account"), store.fact(id, "quantity"), store.cell(id, "price") ?? "?", store.cell(id, "band") ?? "",
        { text: at === null ? word : `${duration(now() - at)} ${word}`, look: `word-${word}` },
        store.cell(id, "source") ?? "", store.cell(id, "value") ?? "?", store.cell(id, "day") ?? "?", store.cell(id, "unrealised") ?? "?",
      ];
    });
    return table("Holdings", ["account", "quantity", "price", "±", "age", "from", "value", "day P&L", "open P&L"], rows);
  }
}

/** Say who has a contract's line, from its leg in the gateway's status. */
function lineOf(leg, lines, isHeld) {
  if (!leg && !isHeld) return "no holding of it is known, and no active strategy has it";
  if (!leg) return "in no active strategy: polled, and quoted in turn";
  const reason = leg.reason ? `, ${leg.reason}` : "";
  const note = [`${leg.strategies}: ${leg.has_line ? "has a line" : "has no line"}, ${leg.state}${reason}`];
  if (leg.holder) note.push(`its line is held for ${leg.holder}`);
  if (leg.place !== null) note.push(`number ${leg.place} of ${counted(lines.waiting, "that waits", "that wait")} for one of ${counted(lines.limit, "line")}`);
  return note.join("; ");
}

function drawHistory(history) {
  const items = history.items.length ? [make("h2", "", "In the queue"), itemsTable(history.items)] : [];
  const { gaps } = history;
  if (gaps.length) items.push(make("h2", "", `Not seen: ${gaps.length}`), gapsTable(gaps));
  if (!history.states && !history.points.length) return [make("p", "", "No row names it in this time."), ...items];
  return [
    make("p", "", `${history.states} states were recorded; price ${history.low ?? "?"} to ${history.high ?? "?"}`),
    ...(history.points.length > 1 ? [plot(history)] : []),
    table("Changes", ["observed", "landed", "account", "quantity", "average cost", "from", "strategy"],
      history.changes.map((one) => [
        clock(one.observed_at), clock(one.landed_at), one.account,
        { text: one.quantity, look: "number" }, { text: one.avg_cost ?? "?", look: "number" }, one.source, one.strategy,
      ])),
    ...items,
  ];
}

function itemsTable(items) {
  return table("In the queue", ["queued", "ended", "account", "state", "tries", "error"],
    items.map((one) => [clock(one.inserted_at), clock(one.ended_at), one.account, one.state, number(one.attempt), one.error]));
}

function gapsTable(gaps) {
  return table("Not seen", ["from", "until", "lasted", "by", "reason"],
    gaps.map((one) => [
      clock(one.begin), one.end === null ? "now" : clock(one.end),
      one.known ? duration((one.end ?? now()) - one.begin) : "not known", one.event, one.reason,
    ]));
}
