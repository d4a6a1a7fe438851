// What the timeline draws: the moments of a message, equal attempts folded, and how wide the time between them is.
import { ms } from "../base/format.js";
import { toneOf, why } from "../base/words.js";

/** More stretches than this, and equal attempts in a row become one. */
const MANY = 12;

/** Width of a stretch before scaling: elastic, so that 2 ms and 65 h are both seen. */
export const width = (length) => 3 + Math.log10(1 + Math.max(0, length)) ** 1.15;

const FINAL = new Set(["delivered", "expired", "undeliverable", "rejected", "deleted", "accepted", "unknown"]);

function read(message) {
  let tries = 0, last, before;
  return message.events.map(({ at, event, reason, detail }) => {
    const point = { at: ms(at), event, reason, detail, zone: detail?.zone };
    if (event === "repeated" && last === "attempt_failed" && before === last) tries += detail;
    [before, last] = [last, event];
    if (event === "attempt_failed") {
      tries += 1;
      point.first = point.last = tries;
      point.tone = toneOf(reason);
    }
    if (FINAL.has(event)) point.final = true;
    return point;
  });
}

/** Fold runs of equal failed attempts, all but the first and the last of a cause. */
function fold(points) {
  const folded = [];
  let index = 0;
  while (index < points.length) {
    let end = index;
    const { event, reason, zone } = points[index];
    while (event === "attempt_failed" && points[end + 1]?.event === event && points[end + 1].reason === reason && points[end + 1].zone === zone) end += 1;
    if (end - index < 3) {
      folded.push(...points.slice(index, end + 1));
    } else {
      folded.push(points[index], { ...points[index + 1], last: points[end - 1].last, until: points[end - 1].at, many: true }, points[end]);
    }
    index = end + 1;
  }
  return folded;
}

/** Points in order: {at, event, ...}; what is planned has `planned`, the present is {event: "now"}. */
export function moments(message, now) {
  let points = read(message);
  if (points.length > MANY) points = fold(points);
  const open = ["enroute", "held"].includes(message.state);
  const { receipt } = message;
  if (receipt) {
    const answered = ms(receipt.final_at);
    if (answered) points.push({ at: answered, event: "receipt", state: receipt.state });
    else if (Number.isFinite(now)) points.push({ at: Math.max(now, points.at(-1)?.at ?? now), event: "now" });
  }
  if (open && Number.isFinite(now)) {
    const latest = points.at(-1)?.at ?? now;
    points.push({ at: Math.max(now, latest), event: "now" });
    const next = ms(message.next_attempt);
    if (next > now) points.push({ at: next, event: "attempt", planned: true, first: message.attempts + 1 });
    const until = ms(message.until);
    if (until > now && until !== next) points.push({ at: until, event: "returns", planned: true });
    const end = ms(message.expires_at);
    if (end > now) points.push({ at: end, event: "expires", planned: true });
  }
  return points.sort((a, b) => a.at - b.at);
}

/** x of each point, and the stretches between them: {from, to, length, at}. */
export function place(points, left, right) {
  const widths = points.slice(1).map((point, index) => (point.event === "now" && point.at === points[index].at ? 2 : width(point.at - points[index].at)));
  const all = widths.reduce((sum, each) => sum + each, 0) || 1;
  const x = [left];
  for (const each of widths) x.push(x.at(-1) + ((right - left) * each) / all);
  return x;
}

/** The bars of the lane "waiting": from the first failed attempt of a cause until something else. */
export function waits(points) {
  const bars = [];
  let open = null;
  points.forEach((point, index) => {
    const breaks = point.event !== "attempt_failed" || open?.reason !== point.reason || open?.zone !== point.zone;
    if (open && breaks && !point.planned && point.event !== "now") {
      open.to = index;
      open = null;
    }
    if (point.event === "attempt_failed" && !open) {
      open = { from: index, reason: point.reason, zone: point.zone, tone: point.tone, text: why(point.reason, point.zone) };
      bars.push(open);
    }
    if (point.event === "held") {
      open = { from: index, reason: "no_coverage_hold", tone: "rest", text: "Kept in the sender’s phone" };
      bars.push(open);
    }
    if (open && point.event === "now") {
      open.to = index;
      open.goesOn = true;
    }
  });
  for (const bar of bars) bar.to ??= points.length - 1;
  return bars;
}
