// Lengths of time, moments and counts as the pages write them. Moments are ms since the epoch, in UTC.
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS = [["d", DAY], ["h", HOUR], ["min", MINUTE], ["s", SECOND]];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const THIN = "\u2009";

export { DAY, HOUR, MINUTE, SECOND };

/** "2.4 ms", "27 s", "1 min 54 s", "3 d 4 h": the two largest units; below ten seconds with a decimal. */
export function span(ms) {
  const length = Math.abs(ms);
  if (length < SECOND) return `${length < 10 ? Math.round(length * 10) / 10 : Math.round(length)} ms`;
  if (length < 10 * SECOND) return `${Math.round(length / 100) / 10} s`;
  let left = Math.round(length / SECOND) * SECOND;
  const at = UNITS.findIndex(([, size]) => left >= size);
  const parts = [];
  for (const [name, size] of UNITS.slice(at, at + 2)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count) parts.push(`${count} ${name}`);
  }
  return parts.join(" ");
}

/** One unit only, for places without room: "6 min". */
export function brief(ms) {
  const [name, size] = UNITS.find(([, unit]) => Math.abs(ms) >= unit) ?? UNITS[3];
  return `${Math.floor(Math.abs(ms) / size)} ${name}`;
}

const two = (number) => String(number).padStart(2, "0");

/** "09:44:02", with milliseconds when asked for. */
export function clock(ms, exact = false) {
  const at = new Date(ms);
  const text = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  return exact ? `${text}.${String(at.getUTCMilliseconds()).padStart(3, "0")}` : text;
}

/** "Mon 30 Nov". */
export function date(ms) {
  const at = new Date(ms);
  return `${DAYS[at.getUTCDay()].slice(0, 3)} ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`;
}

/** "Monday 30 November" would be too long everywhere but between the days of a conversation. */
export function day(ms) {
  const at = new Date(ms);
  return `${DAYS[at.getUTCDay()]} ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`;
}

export const sameDay = (a, b) => Math.floor(a / DAY) === Math.floor(b / DAY);

/** The time alone on the same day, "Thursday at 08:14:02" within a week, else "3 Jan at 08:14:02". */
export function when(ms, now) {
  if (sameDay(ms, now)) return clock(ms);
  const at = new Date(ms);
  if (Math.abs(ms - now) < 6 * DAY) return `${DAYS[at.getUTCDay()]} at ${clock(ms)}`;
  const year = at.getUTCFullYear() === new Date(now).getUTCFullYear() ? "" : ` ${at.getUTCFullYear()}`;
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}${year} at ${clock(ms)}`;
}

/** How long ago: "now" below two seconds. */
export const age = (ms) => (ms < 2 * SECOND ? "now" : span(ms));

/** 1 284, with a thin space between thousands. */
export const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, THIN);

export const plural = (number, word, many = `${word}s`) => `${count(number)} ${number === 1 ? word : many}`;

/** Milliseconds of a moment of the API; null stays null. */
export const ms = (moment) => (moment ? Date.parse(moment) : null);

/** What the API takes as a moment. */
export const iso = (at) => new Date(at).toISOString();
