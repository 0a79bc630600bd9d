// Words for ages and durations, and numbers read from texts.

/** Return the word of a price's age at a time, from its course (workers/web/ages.py). */
export function wordAt(course, time) {
  let word = course[0];
  for (let place = 1; place < course.length && course[place] <= time; place += 2) {
    word = course[place + 1];
  }
  return word;
}

/** Write a duration in one unit, as slotwise.formatting.short_duration does. */
export function duration(ms) {
  const seconds = Math.max(Math.floor(ms / 1000), 0);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

/** Count things, as slotwise.formatting.counted does: `1 row`, `2 batches`. */
export function counted(count, one, more = `${one}s`) {
  return `${count} ${count === 1 ? one : more}`;
}

/** Read the number of a text such as "-1,234.50?"; null stays unknown. */
export function numberOf(text) {
  return text === null || text === undefined ? null : Number(text.replace(/[,?]/g, ""));
}
