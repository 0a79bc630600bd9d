// Who works, and with which share of the tasks; with links to Flower, where its address is known.
import { Answer } from "./answer.js";
import { make, number, table } from "./dom.js";

const AGAIN_MS = 30_000;

export class Workers extends Answer {
  constructor(changed) {
    super(() => "workers", AGAIN_MS, "asking the workers", changed);
  }

  /** Return the workers' parts of the view of the queue. */
  draw() {
    const { facts } = this;
    const parts = [make("h2", "", "Workers")];
    if (this.note) parts.push(make("p", "soft", this.note));
    if (!facts) return parts;
    if (!facts.workers.length) parts.push(make("p", "bad", "No worker answers."));
    else {
      parts.push(table("Workers", ["worker", "queues", "tasks", "share of its queues"], facts.workers.map((one) => [
        flowerLink(facts.flower, `worker/${encodeURIComponent(one.name)}`, one.name), one.queues, number(one.tasks),
        one.share === null ? "" : { text: `${one.share} %`, look: "number" },
      ])));
    }
    if (facts.flower) parts.push(make("p", "", flowerLink(facts.flower, "tasks", "Tasks in Flower")));
    return parts;
  }
}

function flowerLink(flower, path, text) {
  if (!flower) return text;
  return Object.assign(make("a", "", text), { href: `${flower}/${path}`, rel: "noreferrer", target: "_blank" });
}
