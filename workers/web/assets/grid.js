// A long list of which only the rows in sight exist, with a line that the keyboard moves.
import { SPARK_HIGH, STEPS } from "./day.js";
import { svg } from "./dom.js";

/** Height of a row, pixels; page.css has the same. */
const ROW = 30;
/** Rows drawn above and below what is in sight, so that scrolling shows no gaps. */
const MORE = 6;

export class Grid {
  /**
   * columns: as in columns.js; draw(item) returns the cells of one row: {text, look}, or {spark};
   * on: {sort(column), toggle(item), fold(item, open), open(item)}
   */
  constructor(element, columns, draw, on) {
    Object.assign(this, { element, columns, draw, on });
    this.items = [];
    this.active = 0;
    this.activeId = null;
    this.rows = [];
    this.hidden = new Set();
    this.head = this.#makeHead();
    this.body = document.createElement("div");
    this.body.className = "body";
    this.body.setAttribute("role", "rowgroup");
    const top = document.createElement("div");
    top.setAttribute("role", "rowgroup");
    top.className = "top";
    top.append(this.head);
    element.append(top, this.body);
    element.setAttribute("aria-colcount", columns.length);
    element.addEventListener("scroll", () => this.#drawSoon(), { passive: true });
    element.addEventListener("keydown", (event) => this.#key(event));
    this.body.addEventListener("dblclick", (event) => this.#open(event));
    this.body.addEventListener("click", (event) => this.#click(event));
    new ResizeObserver(() => this.#drawSoon()).observe(element);
  }

  /** Show a list; the active line stays on what it was on. */
  show(items) {
    this.items = items;
    const place = this.activeId === null ? -1 : items.findIndex((one) => one.id === this.activeId);
    this.active = place >= 0 ? place : Math.max(Math.min(this.active, items.length - 1), 0);
    this.element.setAttribute("aria-rowcount", items.length + 1);
    this.#drawNow();
  }

  /** Draw what is in sight again: ages grow. */
  refresh() {
    this.#drawNow();
  }

  /** Leave columns out, by their names. */
  hide(names) {
    this.hidden = new Set(names);
    const shown = this.columns.filter(({ name }) => !this.hidden.has(name));
    const wide = (one, width) => (one.name === "name" ? `minmax(${one.width}rem, 1fr)` : `${width}rem`);
    const style = this.element.style;
    style.setProperty("--columns", shown.map((one) => wide(one, one.width)).join(" "));
    style.setProperty("--least", `${shown.reduce((sum, { width }) => sum + width + 0.5, 0.5)}rem`);
    const phone = shown.filter(({ wide: isWide, name }) => !isWide && name !== "name");
    style.setProperty("--columns-phone", ["minmax(0, 1fr)", ...phone.map((one) => `${one.phone}rem`)].join(" "));
    this.element.setAttribute("aria-colcount", shown.length);
    this.columns.forEach((one, place) => {
      this.head.children[place].className = this.#base(one);
      for (const row of this.rows) row.children[place].dataset.base = this.#base(one);
    });
    this.#drawNow();
  }

  #base({ name, wide }) {
    return `${name}${wide ? " wide" : ""}${this.hidden.has(name) ? " off" : ""}`;
  }

  markSort(column, down) {
    for (const cell of this.head.children) {
      if (!cell.firstElementChild) continue;
      const own = cell.dataset.column === column;
      cell.setAttribute("aria-sort", own ? (down ? "descending" : "ascending") : "none");
      cell.firstChild.textContent = cell.dataset.title + (own ? (down ? " ▾" : " ▴") : "");
    }
  }

  #makeHead() {
    const head = document.createElement("div");
    head.className = "head";
    head.setAttribute("role", "row");
    head.setAttribute("aria-rowindex", 1);
    for (const { name, title, wide, isSpark } of this.columns) {
      const cell = document.createElement("div");
      cell.className = this.#base({ name, wide });
      cell.setAttribute("role", "columnheader");
      Object.assign(cell.dataset, { column: name, title });
      if (isSpark) {
        cell.textContent = title;
        head.append(cell);
        continue;
      }
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = title;
      button.addEventListener("click", () => this.on.sort(name));
      cell.append(button);
      head.append(cell);
    }
    return head;
  }

  #makeRow() {
    const row = document.createElement("div");
    row.setAttribute("role", "row");
    for (const one of this.columns) {
      const cell = document.createElement("span");
      cell.setAttribute("role", "gridcell");
      cell.dataset.base = this.#base(one);
      if (one.isSpark) {
        const box = { class: "spark", viewBox: `0 0 ${STEPS} ${SPARK_HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" };
        cell.append(svg("svg", box, svg("polyline", { points: "" })));
      }
      row.append(cell);
    }
    this.body.append(row);
    return row;
  }

  #drawSoon() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.#drawNow();
    });
  }

  #drawNow() {
    this.body.style.height = `${this.items.length * ROW}px`;
    const first = Math.max(Math.floor(this.element.scrollTop / ROW) - MORE, 0);
    const inSight = Math.ceil(this.element.clientHeight / ROW) + 2 * MORE;
    const shown = this.items.slice(first, first + inSight);
    while (this.rows.length < shown.length) this.rows.push(this.#makeRow());
    this.rows.forEach((row, place) => {
      row.hidden = place >= shown.length;
      if (!row.hidden) this.#drawRow(row, first + place, shown[place]);
    });
    const active = this.rows.find((row) => !row.hidden && row.dataset.place === `${this.active}`);
    if (active) this.element.setAttribute("aria-activedescendant", active.id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  #drawRow(row, place, item) {
    row.id = `row-${place}`;
    row.dataset.place = place;
    row.style.transform = `translateY(${place * ROW}px)`;
    row.style.setProperty("--level", item.level);
    row.className = `row ${item.kind}${place === this.active ? " active" : ""}`;
    row.setAttribute("aria-rowindex", place + 2);
    row.setAttribute("aria-level", item.level + 1);
    if (item.kind === "group") row.setAttribute("aria-expanded", item.open);
    else row.removeAttribute("aria-expanded");
    const cells = this.draw(item);
    this.columns.forEach(({ name, isSpark }, index) => {
      const { text = "", look = "", spark = null } = cells[name] || {};
      const cell = row.children[index];
      if (isSpark) drawSpark(cell, spark);
      else if (cell.textContent !== text) cell.textContent = text;
      const wanted = look ? `${cell.dataset.base} ${look}` : cell.dataset.base;
      if (cell.className !== wanted) cell.className = wanted;
      if (name === "name" && cell.title !== text) cell.title = text;
    });
  }

  #click(event) {
    const row = event.target.closest(".row");
    if (!row) return;
    this.#moveTo(Number(row.dataset.place));
    if (this.items[this.active].kind === "group") this.on.toggle(this.items[this.active]);
  }

  #open(event) {
    const row = event.target.closest(".row");
    const item = row && this.items[Number(row.dataset.place)];
    if (item?.kind === "holding") this.on.open(item);
  }

  #key(event) {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(Math.floor(this.element.clientHeight / ROW) - 2, 1);
    const item = this.items[this.active];
    const moves = {
      ArrowDown: this.active + 1, ArrowUp: this.active - 1,
      PageDown: this.active + page, PageUp: this.active - page,
      Home: 0, End: this.items.length - 1,
    };
    if (event.key in moves) this.#moveTo(moves[event.key]);
    else if (!item) return;
    else if (event.key === "ArrowLeft") this.#left(item);
    else if (event.key === "ArrowRight" && item.kind === "group") this.on.fold(item, true);
    else if ((event.key === "Enter" || event.key === " ") && item.kind === "group") this.on.toggle(item);
    else if (event.key === "Enter" && item.kind === "holding") this.on.open(item);
    else return;
    event.preventDefault();
  }

  /** Close the group, or go to the group of this row. */
  #left(item) {
    if (item.kind === "group" && item.open) this.on.fold(item, false);
    else {
      let place = this.active - 1;
      while (place > 0 && !(this.items[place].kind === "group" && this.items[place].level < item.level)) place -= 1;
      this.#moveTo(place);
    }
  }

  #moveTo(place) {
    if (!this.items.length) return;
    this.active = Math.min(Math.max(place, 0), this.items.length - 1);
    this.activeId = this.items[this.active].id;
    const top = this.active * ROW;
    const room = this.element.clientHeight - this.head.offsetHeight;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    if (top + ROW > this.element.scrollTop + room) this.element.scrollTop = top + ROW - room;
    this.#drawNow();
  }
}

/** Draw a small line, where there is one; its words are the label of the cell. */
function drawSpark(cell, spark) {
  const line = cell.firstElementChild.firstElementChild;
  const points = spark?.points ?? "";
  if (line.getAttribute("points") === points) return;
  line.setAttribute("points", points);
  cell.setAttribute("aria-label", spark?.note ?? "");
  cell.title = spark?.note ?? "";
}
