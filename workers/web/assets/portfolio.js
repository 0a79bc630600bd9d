// The portfolio: what stands in each column of a group, of a line of sums and of a holding.
import { now as liveNow } from "./clock.js";
import { COLUMNS, makeChooser } from "./columns.js";
import { csvOf, save } from "./csv.js";
import { Grid } from "./grid.js";
import { MEASURES, listOf } from "./tree.js";
import { counted, duration, wordAt } from "./words.js";

const TREES = { strategy: "strategy", "underlying,expiry": "underlying, expiry" };
/** Titles of the measures in the table of all sums. */
const SUM_TITLES = ["value", "day P&L", "open P&L", "$ delta", "gamma", "vega", "theta"];
const UNKNOWN = { text: "?", look: "word-unknown" };

export class PortfolioView {
  constructor(store, day) {
    this.store = this.live = store;
    this.day = day;
    this.view = { tree: "strategy", filter: "", sort: null, closed: new Set() };
    this.byId = (id) => document.getElementById(id);
    this.grid = new Grid(this.byId("grid"), COLUMNS, (item) => this.#cells(item), {
      sort: (column) => this.#sort(column),
      toggle: (item) => this.#fold(item, !item.open),
      fold: (item, open) => this.#fold(item, open),
      open: (item) => (location.hash = `#contract/${this.store.fact(item.id, "con_id")}`),
    });
    this.#makeTools();
  }

  /** Show a portfolio of the past; of now where there is none. */
  showPast(store) {
    this.store = store ?? this.live;
    document.body.classList.toggle("past", Boolean(store));
    this.update();
  }

  /** Return the time of what is shown: ages of the past are those of then. */
  now() {
    return this.store === this.live ? liveNow() : this.store.head.at;
  }

  /** Show what the store has now. */
  update() {
    this.day.want();
    const { items, matching } = listOf(this.store, this.view, this.now());
    this.accounts = new Set([...this.store.facts.keys()].map((id) => this.store.fact(id, "account"))).size;
    this.grid.show(items);
    const all = this.store.facts.size;
    const part = matching === all ? counted(all, "holding") : `${matching} of ${counted(all, "holding")}; sums are of whole groups`;
    if (this.byId("shown").textContent !== part) this.byId("shown").textContent = part;
    this.#drawTotals();
  }

  /** Draw ages anew. */
  tick() {
    this.grid.refresh();
    this.#drawTotals();
  }

  #makeTools() {
    for (const [value, title] of Object.entries(TREES)) this.byId("tree").append(new Option(title, value));
    this.byId("tree").addEventListener("change", (event) => {
      this.view.tree = event.target.value;
      this.view.closed.clear();
      this.update();
    });
    this.byId("filter").addEventListener("input", (event) => {
      this.view.filter = event.target.value;
      this.update();
    });
    makeChooser(this.byId("columns"), (hidden) => this.grid.hide(hidden));
    this.byId("csv").addEventListener("click", () => this.#save());
    this.byId("tools").addEventListener("submit", (event) => event.preventDefault());
    this.byId("fold").addEventListener("click", () => this.#foldAll());
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && event.target !== this.byId("filter")) {
        event.preventDefault();
        this.byId("filter").focus();
      }
    });
  }

  /** Save the holdings that fit the filter, as they are listed with all groups open. */
  #save() {
    const { items } = listOf(this.store, { ...this.view, closed: new Set() }, this.now());
    const ids = items.filter((item) => item.kind === "holding").map((item) => item.id);
    const at = new Date(this.now()).toISOString().slice(0, 19).replaceAll(":", "");
    save(`portfolio-${at}.csv`, csvOf(this.store, ids, this.now()));
  }

  #sort(column) {
    if (column === "spark") return;
    const before = this.view.sort;
    // First the largest, then the smallest, then the usual order again.
    if (before?.column !== column) this.view.sort = { column, down: column !== "name" };
    else if (before.down === (column !== "name")) this.view.sort = { column, down: !before.down };
    else this.view.sort = null;
    this.grid.markSort(this.view.sort?.column, this.view.sort?.down);
    this.update();
  }

  #fold(item, open) {
    if (open) this.view.closed.delete(item.key);
    else this.view.closed.add(item.key);
    this.update();
  }

  #foldAll() {
    const keys = [...(this.store.sums.get(this.view.tree)?.keys() || [])];
    const close = this.view.closed.size === 0;
    this.view.closed = new Set(close ? keys : []);
    this.byId("fold").textContent = close ? "Open all" : "Close all";
    this.update();
  }

  #cells(item) {
    if (item.kind === "holding") return this.#holding(item.id);
    const { line } = item;
    const sign = item.open ? "▾" : "▸";
    const name = item.kind === "group" ? `${sign} ${item.label} (${item.count})` : "";
    if (!line) return { name: { text: name } };
    const cells = {
      name: { text: line && item.kind === "sum" ? `in ${named(line)}` : name },
      price: { text: `${line.priced} of ${line.holdings}`, look: line.priced < line.holdings ? "word-unknown" : "" },
      age: { text: oldest(line, this.now()) },
      source: { text: named(line) },
    };
    this.store.measures.forEach((measure, place) => {
      const column = Object.keys(MEASURES).find((one) => MEASURES[one] === measure);
      cells[column] = amount(line.amounts[place]);
    });
    return cells;
  }

  #holding(id) {
    const { store } = this;
    const word = wordAt(store.cell(id, "ages"), this.now());
    const at = store.cell(id, "price_at");
    const price = store.cell(id, "price");
    const cells = {
      name: { text: this.#name(id) },
      quantity: { text: store.fact(id, "quantity") },
      price: price === null ? UNKNOWN : { text: price },
      band: { text: store.cell(id, "band") || "" },
      age: { text: at === null ? word : `${duration(this.now() - at)} ${word}`, look: `word-${word}` },
      source: { text: store.cell(id, "source") || "" },
      // What is of today says nothing of a portfolio of the past.
      spark: { spark: store === this.live ? this.day.spark(store.fact(id, "con_id")) : null },
    };
    for (const column of Object.keys(MEASURES)) cells[column] = amount(store.cell(id, column));
    return cells;
  }

  /** Name a holding; its account too, where there are several. */
  #name(id) {
    const contract = this.store.fact(id, "contract");
    return this.accounts > 1 ? `${contract}  ${this.store.fact(id, "account")}` : contract;
  }

  #drawTotals() {
    const rows = this.store.total.map((line) => [
      line.is_base ? `all, in ${named(line)}` : named(line),
      `${line.priced} of ${line.holdings} priced`,
      oldest(line, this.now()),
      ...line.amounts.map((text) => text ?? "?"),
    ]);
    const text = JSON.stringify(rows);
    if (text === this.drawn) return;
    this.drawn = text;
    const cell = (kind, words) => Object.assign(document.createElement(kind), { textContent: words });
    const line = (kind, texts) => {
      const row = document.createElement("tr");
      row.append(...texts.map((words) => cell(kind, words)));
      return row;
    };
    const head = line("th", ["sums", "prices", "age", ...SUM_TITLES]);
    for (const one of head.children) one.scope = "col";
    this.byId("totals").replaceChildren(head, ...rows.map((texts) => line("td", texts)));
  }
}

function named(line) {
  return line.currency || "no currency";
}

function oldest(line, now) {
  return line.oldest_at === null ? "unknown" : `oldest ${duration(now - line.oldest_at)}`;
}

function amount(text) {
  if (text === null) return UNKNOWN;
  return { text, look: text.startsWith("-") ? "less" : "" };
}
