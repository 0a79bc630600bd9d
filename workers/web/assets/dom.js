// Small helpers to make elements; texts are never read as markup.

/** Make an element with a class and texts or elements in it. */
export function make(kind, look, ...inner) {
  const element = document.createElement(kind);
  if (look) element.className = look;
  element.append(...inner);
  return element;
}

/** Make a table in a frame that scrolls; a cell is a text, or {text, look}, or an element. */
export function table(name, titles, rows) {
  const cell = (kind, one) => {
    if (one instanceof Node) return make(kind, "", one);
    return typeof one === "object" && one !== null ? make(kind, one.look, one.text) : make(kind, "", one ?? "");
  };
  const head = make("tr", "", ...titles.map((one) => cell("th", one)));
  for (const one of head.children) one.scope = "col";
  const body = rows.map((row) => make("tr", "", ...row.map((one) => cell("td", one))));
  const made = make("table", "", make("thead", "", head), make("tbody", "", ...body));
  const frame = make("div", "wide-table", made);
  made.setAttribute("aria-label", name);
  return frame;
}

/** Make an element of a picture. */
export function svg(kind, values, ...inner) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
  Object.entries(values).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...inner);
  return element;
}

/** Replace what a view shows, and leave it alone where nothing is another: a selection stays. */
export function fill(view, parts) {
  const made = make("div", "", ...parts);
  if (!view.firstChild?.isEqualNode(made)) view.replaceChildren(made);
}

/** A number in a table. */
export function number(value) {
  return { text: value === null ? "?" : value.toLocaleString("en-US"), look: "number" };
}

/** A link to the page of a contract. */
export function contractLink(conId, text) {
  const link = make("a", "", text);
  link.href = `#contract/${conId}`;
  return link;
}

/** A time as hours, minutes and seconds here, with its day where that is another. */
export function clock(ms) {
  if (ms === null) return "";
  const at = new Date(ms);
  const time = at.toLocaleTimeString("en-GB");
  return at.toDateString() === new Date().toDateString() ? time : `${at.toLocaleDateString("sv")} ${time}`;
}
