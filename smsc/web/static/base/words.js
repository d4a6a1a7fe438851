// What the API's states and reasons are called on the pages. The API's own name is always in the tooltip.

/** State of a message -> [word, glyph, tone]. */
export const STATES = {
  waiting: ["Waiting", "waiting", "wait"],
  sent: ["Under way", "sent", "move"],
  held: ["Held", "held", "rest"],
  scheduled: ["Scheduled", "scheduled", "rest"],
  delivered: ["Delivered", "delivered", "done"],
  receipt: ["Delivered", "receipt", "done"],
  expired: ["Expired", "expired", "late"],
  undeliverable: ["Failed", "failed", "fail"],
  rejected: ["Rejected", "rejected", "fail"],
  deleted: ["Deleted", "deleted", "rest"],
  accepted: ["Accepted", "delivered", "done"],
  unknown: ["Unknown", "failed", "fail"],
  refused: ["Refused", "rejected", "fail"],
};

/** The API's stage of a message -> the key of STATES. */
const STAGES = {
  ...Object.fromEntries(["waiting", "held", "scheduled", "delivered", "expired", "undeliverable", "rejected", "deleted", "accepted", "unknown", "refused"].map((stage) => [stage, stage])),
  underway: "sent",
};

/** What is known of a message -> the key of STATES. */
export function stateOf(message) {
  const { state, reason, stage } = message;
  if (stage && STAGES[stage]) return stage === "delivered" && message.kind === "receipt" ? "receipt" : STAGES[stage];
  if (state !== "enroute") return state === "delivered" && message.kind === "receipt" ? "receipt" : state;
  if (message.scheduled || message.waiting_for === "its scheduled time") return "scheduled";
  const last = message.events?.at(-1)?.event;
  if (last === "sent" || (!reason && !message.attempts)) return "sent";
  return "waiting";
}

const WHY = {
  absent_no_paging_response: (zone) => (zone ? `No coverage in ${zone}` : "No coverage"),
  absent_detached: () => "Phone is switched off",
  flight_mode: () => "Phone is in flight mode",
  absent_no_bind: () => "Nobody is bound for it",
  memory_capacity_exceeded: () => "Memory is full",
  radio_loss: (zone) => (zone ? `Lost on the radio: weak in ${zone}` : "Lost on the radio"),
  no_response: () => "No answer to deliver_sm in time",
  provider_unavailable: () => "Its provider is not bound",
  validity_expired: () => "Validity ran out",
  no_coverage_hold: () => "Not sent yet: the sender has no coverage",
  destination_fixed_line: () => "Fixed line, takes no SMS",
  emergency_not_registered: () => "Not registered for Nød-SMS",
  emergency_excluded: () => "Excluded from Nød-SMS",
  illegal_subscriber: () => "SIM is blocked",
  unknown_subscriber: () => "Nobody has the number",
  busy: () => "Busy with another message",
  session_lost: () => "The session closed while it was handed over",
  receipt_expired: () => "Its originator never came to take it",
  cancelled: () => "Cancelled by its sender",
  replaced: () => "Replaced by a later message",
  deleted_by_operator: () => "Deleted here",
  erased: () => "Erased with its subscriber",
  helpline_no_sms: () => "The helpline takes no SMS",
  code_no_keyword: () => "No service answers to that word",
  bind_refused: () => "system_id or password is wrong",
  bind_sim_not_active: () => "The SIM is not active",
  bind_not_allowed: () => "May not bind, or not again",
  throttled: () => "Too many a second",
};

/** A reason in the phone's words. */
export function why(reason, zone) {
  if (!reason) return "";
  const said = WHY[reason]?.(zone);
  if (said) return said;
  const plain = reason.replaceAll("_", " ");
  return plain[0].toUpperCase() + plain.slice(1);
}

/** Which colour a cause of waiting has: the radio's, or the phone's memory. */
export const toneOf = (reason) =>
  reason === "memory_capacity_exceeded" ? "late" : reason === "provider_unavailable" || reason === "absent_no_bind" ? "rest" : "wait";

/** The bits of MW-Status. */
export const MW_BITS = {
  mnrf: ["MNRF", "Mobile station not reachable flag (3GPP TS 23.040)"],
  mnrg: ["MNRG", "Mobile station not reachable for GPRS flag"],
  mcef: ["MCEF", "Mobile station memory capacity exceeded flag"],
  sc_address_not_included: ["no SC address", "No message waits, so nobody is alerted"],
};
