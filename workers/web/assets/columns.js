// Columns of the portfolio, and which of them a user wants to see in this browser.
const KEY = "slotwise-columns";

/** Widths are in rem; the name takes what is left. Wide ones are left out on a phone. */
export const COLUMNS = [
  { name: "name", title: "holding", width: 13 },
  { name: "quantity", title: "quantity", width: 4.5, wide: true },
  { name: "price", title: "price", width: 5.2, phone: 4.6 },
  { name: "band", title: "±", width: 4, wide: true },
  { name: "age", title: "age", width: 6.6, phone: 5.2 },
  { name: "source", title: "from", width: 5.2, wide: true },
  { name: "value", title: "value", width: 7, wide: true },
  { name: "day", title: "day P&L", width: 6.2, phone: 5.3 },
  { name: "spark", title: "today", width: 3.6, wide: true, isSpark: true },
  { name: "unrealised", title: "open P&L", width: 6.6, wide: true },
  { name: "delta", title: "$ delta", width: 7.4, wide: true },
  { name: "gamma", title: "gamma", width: 7, wide: true },
  { name: "vega", title: "vega", width: 5.4, wide: true },
  { name: "theta", title: "theta", width: 5.4, wide: true },
];

/** Fill the list of columns; `show(hidden)` is called with the names of those that are not wanted. */
export function makeChooser(element, show) {
  const hidden = new Set(kept());
  for (const { name, title } of COLUMNS.slice(1)) {
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !hidden.has(name), value: name });
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(name);
      else hidden.add(name);
      localStorage.setItem(KEY, JSON.stringify([...hidden]));
      show(hidden);
    });
    const label = document.createElement("label");
    label.append(box, ` ${title}`);
    element.append(label);
  }
  show(hidden);
}

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return COLUMNS.slice(1).map(({ name }) => name).filter((name) => found.includes(name));
  } catch {
    return [];
  }
}
