// The bars over a page: what happened, what went wrong, what can be undone. At most one of each kind.
import { html } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { store, useStore } from "../base/store.js";

const failure = store(null);
const undo = store(null);

/** Say what went wrong until it is closed. */
export function fail(error) {
  failure.set(error);
}

/** Do `act` in ten seconds unless somebody takes it back; `text` says what has gone from the page. */
export function undoable(text, act, back) {
  undo.get()?.now();
  const self = {
    text,
    now() {
      clearTimeout(self.timer);
      if (undo.get() === self) undo.set(null);
      Promise.resolve(act()).catch((error) => {
        back();
        fail(error);
      });
    },
    back() {
      clearTimeout(self.timer);
      undo.set(null);
      back();
    },
  };
  self.timer = setTimeout(self.now, 10_000);
  undo.set(self);
}

addEventListener("pagehide", () => undo.get()?.now());

export const Bar = ({ tone = "", icon, close, action, children, role = "status" }) => html`<div class=${`after ${tone}`} role=${role}>
  <${Icon} name=${icon} /><span>${children}</span><span class="push bar-do">${action}</span>
  ${close && html`<button type="button" class="btn bare icon tight" aria-label="Close" onClick=${close}><${Icon} name="x" /></button>`}
</div>`;

export function Bars() {
  const wrong = useStore(failure);
  const taken = useStore(undo);
  return html`
    ${wrong && html`<${Bar} tone="failbar" icon="stop" role="alert" close=${() => failure.set(null)}>
      <b>${wrong.body?.title ?? "That did not work"}.</b> ${wrong.message}
    <//>`}
    ${taken && html`<${Bar} icon="trash" action=${html`<button type="button" class="link" onClick=${taken.back}>Undo</button>`}>
      ${taken.text}
    <//>`}
  `;
}
