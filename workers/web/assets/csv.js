// Holdings as CSV, for a spreadsheet: numbers as numbers, unknown is empty.
import { numberOf, wordAt } from "./words.js";

const TEXTS = ["contract", "account", "kind", "currency", "strategy", "underlying", "expiry"];
const NUMBERS = ["price", "band", "spot", "value", "day", "unrealised", "delta", "gamma", "vega", "theta"];
/** Beginnings of a text that a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t]/;

/** Write a line for each holding, below the names of the columns. */
export function csvOf(store, ids, time) {
  const head = ["con_id", ...TEXTS, "quantity", ...NUMBERS, "source", "price_at", "age"];
  const lines = ids.map((id) => {
    const at = store.cell(id, "price_at");
    return [
      store.fact(id, "con_id"),
      ...TEXTS.map((name) => text(store.fact(id, name))),
      numberOf(store.fact(id, "quantity")),
      ...NUMBERS.map((name) => numberOf(store.cell(id, name))),
      text(store.cell(id, "source")),
      at === null ? "" : new Date(at).toISOString(),
      wordAt(store.cell(id, "ages"), time),
    ];
  });
  return [head, ...lines].map((cells) => cells.map(quoted).join(",")).join("\r\n") + "\r\n";
}

/** Have the browser keep a text as a file. */
export function save(name, words) {
  const address = URL.createObjectURL(new Blob([words], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}

function text(value) {
  return FORMULA.test(value ?? "") ? `'${value}` : value;
}

function quoted(value) {
  const words = `${value ?? ""}`;
  return /[",\r\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
}
