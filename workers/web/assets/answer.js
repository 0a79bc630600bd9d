// Something that is asked of the server again and again while a view shows it.

export class Answer {
  /** address(): what is asked for; againMs: how long an answer counts; changed(): one has come. */
  constructor(address, againMs, note, changed) {
    Object.assign(this, { address, againMs, note, changed, facts: null, asking: false, askedAt: -againMs });
  }

  /** Ask again where the answer is old; a view that shows it may call this at any time. */
  async want() {
    if (this.asking || performance.now() - this.askedAt < this.againMs) return;
    this.asking = true;
    try {
      const answer = await fetch(this.address(), { cache: "no-store" });
      const isJson = answer.headers.get("Content-Type").startsWith("application/json");
      const found = isJson ? await answer.json() : { error: `refused: ${answer.status}` };
      if (answer.ok) this.facts = found;
      this.note = answer.ok ? "" : found.error;
    } catch {
      this.note = "slotwise web does not answer";
    }
    this.asking = false;
    this.askedAt = performance.now();
    this.changed();
  }
}
