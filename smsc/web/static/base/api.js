// The API, one function for each call. Paths are relative to the page's base, so that a prefix is kept.
const ROOT = new URL("api/v1/", document.baseURI);

/** An answer that is none of success: the server's problem details. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || `The server answered ${status}.`);
    this.status = status;
    this.body = body ?? {};
    this.reason = this.body.reason;
  }
}

/** The server does not answer at all. */
export class Unreachable extends Error {}

export const url = (path, query = {}) => {
  const made = new URL(path, ROOT);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") made.searchParams.set(name, value);
  }
  return made;
};

async function call(method, path, { query, body, signal, headers = {} } = {}) {
  let answer;
  try {
    answer = await fetch(url(path, query), {
      method,
      signal,
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(error.message);
  }
  const kind = answer.headers.get("content-type") ?? "";
  const document = kind.includes("json") ? await answer.json() : await answer.text();
  if (!answer.ok) throw new Problem(answer.status, kind.includes("json") ? document : null);
  return document;
}

const get = (path, query, signal) => call("GET", path, { query, signal });
const part = (text) => encodeURIComponent(text);

// --- messages ---
export const messages = (query, signal) => get("messages", query, signal);
export const counts = (q, signal) => get("messages/counts", { q }, signal);
export const message = (id, signal) => get(`messages/${part(id)}`, {}, signal);
export const pdus = (id, signal) => get(`messages/${part(id)}/pdus`, {}, signal);
export const send = (body) => call("POST", "messages", { body });
export const deleteMessages = (q) => call("DELETE", "messages", { query: { q } });

export const server = () => get("server");

// --- clock ---
export const clock = () => get("clock");
export const setClock = (body) => call("PUT", "clock", { body });
export const advance = (body) => call("POST", "clock/advance", { body });

// --- phones ---
export const phones = (query, signal) => get("subscribers", query, signal);
export const phone = (msisdn, signal) => get(`subscribers/${part(msisdn)}`, {}, signal);
export const changePhone = (msisdn, body) => call("PATCH", `subscribers/${part(msisdn)}`, { body });
export const isHeld = (msisdn, signal) => get(`subscribers/${part(msisdn)}/hold`, {}, signal);
export const hold = (msisdn, on) => call(on ? "PUT" : "DELETE", `subscribers/${part(msisdn)}/hold`);

// --- coverage ---
export const zones = (signal) => get("zones", {}, signal);
export const putZone = (name, body) => call("PUT", `zones/${part(name)}`, { body });
export const patchZone = (name, body) => call("PATCH", `zones/${part(name)}`, { body });
export const deleteZone = (name) => call("DELETE", `zones/${part(name)}`);
export const outages = (signal) => get("outages", {}, signal);

let ground = null;
/** The land never changes: it is read once. */
export const outline = () => (ground ??= get("coverage/outline"));
export const raster = (query, signal) => get("coverage/raster", query, signal);
export const cells = (box, signal) => get("coverage/cells", box, signal);
export const phonesOnMap = (box, signal) => get("coverage/phones", box, signal);

// --- sessions ---
export const sessions = (query, signal) => get("sessions", query, signal);
export const refusedBinds = (signal) => get("refusals", { what: "bind", limit: 200 }, signal);
export const session = (id, signal) => get(`sessions/${part(id)}`, {}, signal);
export const sessionPdus = (id, signal) => get(`sessions/${part(id)}/pdus`, {}, signal);
export const trace = (id) => call("PUT", `sessions/${part(id)}/trace`);
export const endSession = (id, how) => call("DELETE", `sessions/${part(id)}`, { query: { how } });

// --- faults ---
export const faults = (signal) => get("faults", {}, signal);
export const putFaults = (body) => call("PUT", "faults", { body });

// --- numbers and services ---
export const number = (text, signal) => get(`numbers/${part(text)}`, {}, signal);
export const registrations = (signal) => get("emergency/registrations", {}, signal);
export const dialogues = (signal) => get("emergency/dialogues", {}, signal);
export const exclusions = (signal) => get("emergency/exclusions", {}, signal);
export const helplines = (signal) => get("helplines", {}, signal);
export const interconnects = (signal) => get("interconnects", {}, signal);
export const codes = (signal) => get("codes", {}, signal);
export const chargingTotals = (signal) => get("charging/totals", {}, signal);
export const persons = (query, signal) => get("register/persons", query, signal);
export const lookups = (signal) => get("register/lookups", {}, signal);
export const outbox = (signal) => get("register/outbox", {}, signal);

// --- scenarios, figures ---
export const scenarios = (signal) => get("scenarios", {}, signal);
export const runScenario = (body) => call("POST", "scenarios/runs", { body });
export const metrics = (signal) => get(new URL("metrics", document.baseURI), {}, signal);

// --- public pages ---
export const lookUpRegistration = (number) => get("emergency/site/look-up", { number });
export const beginRegistration = (body) => call("POST", "emergency/site/transactions", { body });
export const confirmRegistration = (transaction, code) => call("POST", `emergency/site/transactions/${part(transaction)}/confirmation`, { body: { code } });
export const citizen = (identifier) => get(`register/persons/${part(identifier)}`);
export const changeCitizen = (identifier, body) => call("PUT", `register/persons/${part(identifier)}`, { body });
export const citizenLookups = (identifier) => get(`register/persons/${part(identifier)}/lookups`);

const atDesk = (method, path, token, body) => call(method, `desks${path}`, { body, headers: { "x-desk": token } });
export const openDesk = (centre, password) => call("POST", "desks", { body: { centre, password } });
export const closeDesk = (token) => atDesk("DELETE", "", token);
export const deskDialogues = (token) => atDesk("GET", "/dialogues", token);
export const deskAct = (token, number, action) => atDesk("PUT", `/dialogues/${part(number)}/${action}`, token);
export const deskAnswer = (token, number, text) => atDesk("POST", `/dialogues/${part(number)}/answers`, token, { text });
