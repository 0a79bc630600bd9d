// The frame that a page has: taken as a whole, then kept by changes (workers/web/frame.py).

export class Store {
  constructor() {
    this.number = 0;
    this.head = null;
    this.facts = new Map();
    this.live = new Map();
    this.total = [];
    this.sums = new Map();
    this.places = { facts: {}, live: {} };
    this.measures = [];
    this.system = null;
  }

  /** Take a message; false where it is no change to what is here. */
  take(message) {
    if (message.kind === "whole") this.#takeWhole(message);
    else if (message.before !== this.number) return false;
    else this.#takeChange(message);
    this.number = message.number;
    this.head = message;
    return true;
  }

  /** Return one cell of a holding, by its name. */
  fact(id, name) {
    return this.facts.get(id)[this.places.facts[name]];
  }

  cell(id, name) {
    return this.live.get(id)[this.places.live[name]];
  }

  #takeWhole(message) {
    const place = (names) => Object.fromEntries(names.map((name, index) => [name, index]));
    this.places = { facts: place(message.columns.facts), live: place(message.columns.live) };
    this.measures = message.columns.measures;
    this.facts = new Map(Object.entries(message.facts));
    this.live = new Map(Object.entries(message.live));
    this.total = message.total;
    this.system = message.system;
    this.sums = new Map(
      Object.entries(message.sums).map(([tree, sums]) => [tree, new Map(Object.entries(sums))]),
    );
  }

  #takeChange(message) {
    const put = (map, changes) => Object.entries(changes).forEach(([key, one]) => map.set(key, one));
    put(this.facts, message.facts);
    put(this.live, message.live);
    for (const id of message.gone) {
      this.facts.delete(id);
      this.live.delete(id);
    }
    if (message.total !== null) this.total = message.total;
    if (message.system !== null) this.system = message.system;
    for (const [tree, changes] of Object.entries(message.sums)) {
      if (!this.sums.has(tree)) this.sums.set(tree, new Map());
      put(this.sums.get(tree), changes);
    }
    for (const [tree, keys] of Object.entries(message.gone_sums)) {
      keys.forEach((key) => this.sums.get(tree).delete(key));
    }
  }
}
