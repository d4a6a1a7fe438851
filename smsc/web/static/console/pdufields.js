// Where each field of a PDU lies: the layout of SMPP 3.4 §4, read over the octets themselves.
const TON = ["unknown", "international", "national", "network specific", "subscriber", "alphanumeric", "abbreviated"];
const NPI = { 0: "unknown", 1: "ISDN (E.164)", 3: "X.121", 4: "telex", 6: "land mobile", 8: "national", 9: "private", 14: "internet", 18: "WAP" };
const CODING = { 0: "SMSC default: GSM 03.38", 1: "ASCII", 3: "Latin-1", 4: "8-bit", 8: "UCS2" };
const RECEIPTS = { 0: "no receipt", 1: "a receipt when it ends", 2: "a receipt when it fails", 3: "a receipt when it is delivered" };

const ton = (value) => TON[value] ?? "";
const npi = (value) => NPI[value] ?? "";

/** [name, kind, meaning]: "c" a C-octet string, a number so many octets, "sm" as long as the field before says. */
const MESSAGE = [
  ["service_type", "c", (value) => (value ? "" : "default")],
  ["source_addr_ton", 1, ton],
  ["source_addr_npi", 1, npi],
  ["source_addr", "c"],
  ["dest_addr_ton", 1, ton],
  ["dest_addr_npi", 1, npi],
  ["destination_addr", "c"],
  ["esm_class", 1, (value) => (value & 0x40 ? "user data header" : value & 0x3c ? "delivery receipt" : ["SMSC default", "datagram", "forward", "store and forward"][value & 3])],
  ["protocol_id", 1],
  ["priority_flag", 1, (value) => (value ? "" : "normal")],
  ["schedule_delivery_time", "c", (value) => (value ? "" : "at once")],
  ["validity_period", "c", (value) => (value ? "" : "the default")],
  ["registered_delivery", 1, (value) => RECEIPTS[value & 3]],
  ["replace_if_present_flag", 1, (value) => (value ? "yes" : "no")],
  ["data_coding", 1, (value) => CODING[value] ?? ""],
  ["sm_default_msg_id", 1],
  ["sm_length", 1, () => "octets"],
  ["short_message", "sm"],
];
const DATA = [...MESSAGE.slice(0, 8), MESSAGE[12], MESSAGE[14]];
const BODIES = { 0x04: MESSAGE, 0x05: MESSAGE, 0x103: DATA, 0x80000004: [["message_id", "c"]], 0x80000005: [["message_id", "c"]], 0x80000103: [["message_id", "c"]] };
const NAMES = { 0x04: "submit_sm", 0x05: "deliver_sm", 0x103: "data_sm", 0x80000004: "submit_sm_resp", 0x80000005: "deliver_sm_resp", 0x80000103: "data_sm_resp" };

const TLVS = {
  0x0005: "dest_addr_subunit", 0x001e: "receipted_message_id", 0x0204: "user_message_reference", 0x020a: "source_port", 0x020b: "destination_port", 0x020c: "sar_msg_ref_num", 0x020e: "sar_total_segments",
  0x020f: "sar_segment_seqnum", 0x0201: "privacy_indicator", 0x0303: "callback_num_atag", 0x0381: "callback_num", 0x0421: "set_dpf", 0x0426: "more_messages_to_send", 0x0423: "network_error_code", 0x0424: "message_payload", 0x0425: "delivery_failure_reason", 0x0427: "message_state",
};

const number = (bytes) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
const text = (bytes) => bytes.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
const hex = (bytes) => bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** Fields in the order of the octets: {offset, length, name, value, meaning}. What cannot be read is one field. */
export function fieldsOf(octets, said = "") {
  const bytes = (octets.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
  const fields = [];
  let at = 0;
  const put = (name, length, value, meaning = "") => {
    fields.push({ offset: at, length, name, value, meaning });
    at += length;
  };
  const take = (length) => bytes.slice(at, at + length);
  const command = number(bytes.slice(4, 8));
  put("command_length", 4, number(take(4)), "octets in all");
  put("command_id", 4, `0x${command.toString(16).padStart(8, "0")}`, NAMES[command] ?? "");
  put("command_status", 4, `0x${number(take(4)).toString(16).padStart(8, "0")}`, number(take(4)) ? "" : "ESME_ROK");
  put("sequence_number", 4, number(take(4)));
  for (const [name, kind, meaning = () => ""] of BODIES[command] ?? []) {
    if (at >= bytes.length) break;
    if (kind === "c") {
      const end = bytes.indexOf(0, at);
      const length = (end < 0 ? bytes.length : end + 1) - at;
      const value = text(take(length - 1));
      put(name, length, value, meaning(value));
    } else if (kind === "sm") {
      const length = fields.at(-1).value;
      if (length) put(name, length, hex(take(length)), said ? `“${said}”` : "");
    } else {
      const value = number(take(kind));
      put(name, kind, value, meaning(value));
    }
  }
  while (at + 4 <= bytes.length && BODIES[command]) {
    const tag = number(take(2));
    const length = number(bytes.slice(at + 2, at + 4));
    const value = bytes.slice(at + 4, at + 4 + length);
    const printable = value.length > 0 && value.every((byte, index) => (byte > 31 && byte < 127) || (byte === 0 && index === value.length - 1));
    put(TLVS[tag] ?? `TLV 0x${tag.toString(16).padStart(4, "0")}`, 4 + length, printable && length > 2 ? text(value).replace(/·$/, "") : hex(value), `TLV 0x${tag.toString(16).padStart(4, "0")}, ${length} octets`);
  }
  if (at < bytes.length) put("rest", bytes.length - at, hex(take(bytes.length - at)));
  return fields;
}
