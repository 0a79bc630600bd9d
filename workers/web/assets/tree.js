// The list of rows that a view shows: groups, lines of their sums, holdings. It touches no page.
import { numberOf, wordAt } from "./words.js";

/** Columns by name: the cell of a holding, and the place of the measure in a line of sums. */
export const MEASURES = {
  value: "market_value",
  day: "day_pnl",
  unrealised: "unrealized_pnl",
  delta: "dollar_delta",
  gamma: "gamma",
  vega: "vega",
  theta: "theta",
};
const TEXTS = new Set(["name", "source"]);

/**
 * Return the rows to show, and how many holdings are among those that fit the filter.
 * view: {tree: "strategy", filter: "spy", sort: {column, down}, closed: Set of group keys}
 */
export function listOf(store, view, time) {
  const words = view.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const names = view.tree.split(",");
  const top = { rows: [], groups: new Map(), path: [] };
  let matching = 0;
  for (const id of store.facts.keys()) {
    if (words.length && !fits(store, id, words, time)) continue;
    matching += 1;
    let group = top;
    for (const name of names) {
      const label = store.fact(id, name);
      if (!group.groups.has(label)) {
        group.groups.set(label, { rows: [], groups: new Map(), path: [...group.path, label] });
      }
      group = group.groups.get(label);
      group.count = (group.count || 0) + 1;
    }
    group.rows.push(id);
  }
  const items = [];
  addGroups(store, view, top, 0, items, time);
  return { items, matching };
}

function addGroups(store, view, group, level, items, time) {
  for (const [label, inner] of sortedGroups(store, view, group)) {
    const key = JSON.stringify(inner.path);
    const lines = store.sums.get(view.tree)?.get(key) || [];
    const open = !view.closed.has(key);
    items.push({ kind: "group", id: key, key, level, label, open, count: inner.count, line: lines[0] });
    lines.slice(1).forEach((line) =>
      items.push({ kind: "sum", id: `${key} ${line.currency}`, level, line }),
    );
    if (!open) continue;
    addGroups(store, view, inner, level + 1, items, time);
    for (const id of sortedRows(store, view, inner.rows, time)) {
      items.push({ kind: "holding", id, level: level + 1 });
    }
  }
}

function sortedGroups(store, view, group) {
  const byName = [...group.groups].sort(([one], [other]) => (one < other ? -1 : 1));
  const measure = store.measures.indexOf(MEASURES[view.sort?.column]);
  if (measure < 0) return byName;
  const value = ([, inner]) => {
    const line = store.sums.get(view.tree)?.get(JSON.stringify(inner.path))?.[0];
    return line ? numberOf(line.amounts[measure]) : null;
  };
  return ordered(byName, value, view.sort.down);
}

function sortedRows(store, view, rows, time) {
  if (!view.sort) return rows;
  const { column, down } = view.sort;
  return ordered(rows, (id) => sortValue(store, id, column, time), down);
}

function sortValue(store, id, column, time) {
  if (column === "name") return store.fact(id, "contract");
  if (column === "quantity") return numberOf(store.fact(id, "quantity"));
  if (column === "age") {
    const at = store.cell(id, "price_at");
    return at === null ? null : time - at;
  }
  return TEXTS.has(column) ? store.cell(id, column) : numberOf(store.cell(id, column));
}

/** Sort by a value; what is unknown comes last either way, and equals keep their order. */
function ordered(things, value, down) {
  const sign = down ? -1 : 1;
  const valued = things.map((thing) => [value(thing), thing]);
  valued.sort(([one], [other]) => {
    if (one === null || other === null) return (one === null) - (other === null);
    return one < other ? -sign : one > other ? sign : 0;
  });
  return valued.map(([, thing]) => thing);
}

function fits(store, id, words, time) {
  const facts = ["contract", "account", "kind", "currency", "strategy", "underlying", "expiry"];
  const text = [
    ...facts.map((name) => store.fact(id, name)),
    store.cell(id, "source") || "",
    wordAt(store.cell(id, "ages"), time),
  ];
  const all = text.join(" ").toLowerCase();
  return words.every((word) => all.includes(word));
}
