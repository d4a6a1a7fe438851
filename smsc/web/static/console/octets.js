// The PDUs of a message: octets and fields side by side, each pointing at the other.
import * as api from "../base/api.js";
import { html, useMemo, useState } from "../base/html.js";
import { Copy, Tabs, Tag } from "../base/parts.js";
import { fieldsOf } from "./pdufields.js";
import { useAnswer } from "./use.js";

const WIDE = 8;

function Hex({ octets, fields, at, point }) {
  const bytes = octets.match(/../g) ?? [];
  const owner = useMemo(() => {
    const made = new Array(bytes.length).fill(-1);
    fields.forEach(({ offset, length }, index) => made.fill(index, offset, offset + length));
    return made;
  }, [octets]);
  const lines = [];
  for (let start = 0; start < bytes.length; start += WIDE) {
    const cells = [];
    for (let index = start; index < Math.min(start + WIDE, bytes.length); index += 1) {
      const mine = owner[index];
      const same = index > start && owner[index - 1] === mine;
      if (same) cells.at(-1).bytes.push(bytes[index]);
      else cells.push({ mine, bytes: [bytes[index]] });
    }
    const text = bytes.slice(start, start + WIDE).map((byte) => {
      const code = parseInt(byte, 16);
      return code > 31 && code < 127 ? String.fromCharCode(code) : "·";
    }).join("");
    const pad = " ".repeat(3 * (WIDE - Math.min(WIDE, bytes.length - start)));
    lines.push(html`<span class="o">${start.toString(16).padStart(4, "0")}</span>${"  "}${cells.map(({ mine, bytes: each }, index) => html`${index ? " " : ""}<i
      class=${mine === at ? "on" : mine % 2 ? "e" : ""} onMouseEnter=${() => point(mine)} onMouseLeave=${() => point(-1)}>${each.join(" ")}</i>`)}${pad}${"  "}<span class="a">${text}</span>${"\n"}`);
  }
  return html`<div class="hex" tabindex="0" role="group" aria-label=${`${bytes.length} octets, decoded in the table beside`}>${lines}</div>`;
}

function Pdu({ pdu }) {
  const [at, point] = useState(-1);
  const fields = useMemo(() => fieldsOf(pdu.octets, pdu.text), [pdu]);
  return html`<div class="pdu"><${Hex} octets=${pdu.octets} fields=${fields} at=${at} point=${point} />
    <div class="fields" tabindex="0" role="region" aria-label="Fields"><table><caption class="sr">Fields of the PDU</caption>
      <thead class="sr"><tr><th>Octet</th><th>Field</th><th>Value</th><th>Meaning</th></tr></thead>
      <tbody>${fields.map((field, index) => html`<tr key=${index} class=${index === at ? "on" : ""} onMouseEnter=${() => point(index)} onMouseLeave=${() => point(-1)}>
        <td>${field.offset.toString(16).padStart(2, "0")}</td><td>${field.name}</td><td>${shown(field.value)}</td><td>${field.meaning ?? ""}</td></tr>`)}</tbody></table></div></div>`;
}

/** "As received", "Answer", "As sent": whose PDU it is, in the words of the server. */
function nameOf({ command, direction }) {
  if (command.endsWith("_resp")) return direction === "in" ? "Answer to us" : "Answer";
  return direction === "in" ? "As received" : "As sent";
}

const shown = (value) => (value === "" ? '""' : typeof value === "object" ? JSON.stringify(value) : String(value));

export function Octets({ id, Heading, state }) {
  const { value, error } = useAnswer((signal) => api.pdus(id, signal), [id, state]);
  const [tab, pick] = useState(0);
  if (error || !value) return null;
  const { pdus } = value;
  if (!pdus?.length) return null;
  const pdu = pdus[Math.min(tab, pdus.length - 1)];
  const length = pdu.octets.length / 2;
  return html`<section class="card" aria-label="Octets"><header><${Heading}>Octets<//>
    <${Tabs} label="Which PDU" tabs=${pdus.map((each, index) => [index, nameOf(each)])} at=${pdus.indexOf(pdu)} pick=${pick} />
    ${pdu.rebuilt && html`<${Tag} line title="The ring of octets has them no more">rebuilt from the message<//>`}
    <span class="push dim mono">${length} octets</span><${Copy} text=${pdu.octets} label="Copy the octets" class="btn bare icon" /></header>
    <${Pdu} key=${id + tab} pdu=${pdu} /></section>`;
}
