// A message as what people paste elsewhere: JSON, a call with curl, lines of a test.
import { url } from "../base/api.js";
import { span } from "../base/format.js";

export const asJson = (message) => JSON.stringify(message, null, 2);

const quoted = (text) => `'${String(text).replaceAll("'", `'\\''`)}'`;

/** The call that shows it, and the one that sends it again. */
export function asCurl(message) {
  const body = JSON.stringify({ source: message.source, destination: message.destination, text: message.text });
  return `curl -s ${url(`messages/${message.id}`)}\n\ncurl -s ${url("messages")} -H 'content-type: application/json' \\\n  -d ${quoted(body)}\n`;
}

const python = (text) => JSON.stringify(text);

/** A test that tells the same story with the pytest plugin. */
export function asPytest(message) {
  const failed = message.events.filter((event) => event.event === "attempt_failed");
  const cause = failed[0];
  const lines = ["def test_this_message(smsc):", `    phone = smsc.handset(${python(message.destination)}).listen()`];
  const zone = cause?.detail?.zone;
  const undo = [];
  if (cause?.reason === "absent_no_paging_response" && zone) {
    lines.push(`    phone.enter(${python(zone)})`);
    undo.push("    phone.leave()");
  } else if (cause?.reason === "absent_detached") {
    lines.push("    phone.power_off()");
    undo.push("    phone.power_on()");
  } else if (cause?.reason === "memory_capacity_exceeded") {
    lines.push("    phone.fill_memory()");
    undo.push("    phone.free_memory()");
  }
  lines.push(`    sent = smsc.send(${python(message.source)}, ${python(message.destination)}, ${python(message.text)}, receipt=True)`);
  if (failed.length) {
    const took = Date.parse(failed.at(-1).at) - Date.parse(message.submitted_at);
    lines.push(`    smsc.clock.advance(${Math.ceil(took / 1000) + 1})  # ${span(took)}, ${failed.length} attempts`, "    assert phone.received() == []");
  }
  if (message.state === "delivered") lines.push(...undo, `    phone.expect_message(${python(message.text)})`);
  else lines.push(`    assert smsc.message(sent.id).state == ${python(message.state)}`);
  return `${lines.join("\n")}\n`;
}
