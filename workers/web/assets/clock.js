// The server's clock, as of its last message. A browser's own clock decides nothing.
let at = 0;
let heardAt = 0;

export function setClock(ms) {
  at = ms;
  heardAt = performance.now();
}

/** Return the server's time now, ms since 1970. */
export function now() {
  return at + (performance.now() - heardAt);
}

/** Return for how long no message has come, seconds; null before the first. */
export function silence() {
  return at ? (performance.now() - heardAt) / 1000 : null;
}
