// /nod-sms: register, confirm again or delete a mobile number. All that is decided is decided by the API.
import * as api from "../base/api.js";
import { html, render, useEffect, useRef, useState } from "../base/html.js";
import { Field } from "./field.js";
import { fill, read, useLanguage } from "./language.js";
import { Heading, Note, Shell } from "./shell.js";

const TEXTS = await read("nodsms-texts.json");

const Logo = () => html`<svg viewBox="0 0 34 34" aria-hidden="true"><rect width="34" height="34" rx="9" class="logo-sos" /><path d="M8 10.5A2.5 2.5 0 0 1 10.5 8h13a2.5 2.5 0 0 1 2.5 2.5v8a2.5 2.5 0 0 1-2.5 2.5H16l-4.5 4v-4h-1A2.5 2.5 0 0 1 8 18.5z" class="logo-sos-ink" /><path d="M17 11v4M17 17.6v.01" class="logo-sos-line" /></svg>`;

/** What is refused is known by the API's title; the words are ours. */
const said = (error, text) => fill(text.errors[error.body?.title] ?? text.errors.other, { left: error.body?.detail?.match(/\d+/)?.[0] });
const shortOf = (number) => String(number).replace(/^47/, "");

/** `act`, but not while it is under way: who presses twice gets one code. */
function useOnce(act) {
  const busy = useRef(false);
  return async (event) => {
    event.preventDefault();
    if (busy.current) return;
    busy.current = true;
    try {
      await act();
    } finally {
      busy.current = false;
    }
  };
}

const HelpNow = ({ text }) => html`<section class="help-now" aria-label=${text.help}><div class="wrap"><p><strong>${text.help}</strong> ${text.helpText}</p>
  <ul class="calls" aria-label=${text.calls}><li><b>110</b><span>${text.fire}</span></li><li><b>112</b><span>${text.police}</span></li><li><b>113</b><span>${text.medical}</span></li></ul></div></section>`;

const Steps = ({ text, at }) => html`<ol class="steps" aria-label=${text.stepsLabel}>${text.steps.map((word, index) => html`<li key=${word} class=${index < at ? "ok" : ""} aria-current=${index === at ? "step" : undefined}>${word}</li>`)}</ol>`;

function NumberStep({ text, state, go }) {
  const [number, type] = useState(state.number ?? "");
  const [terms, agree] = useState(false);
  const [error, say] = useState({});
  const begin = async (action) => {
    const { transaction } = await api.beginRegistration({ number, action, ...(action === "delete" ? {} : { terms: terms || action === "update" }) });
    return transaction;
  };
  const submit = useOnce(async () => {
    say({});
    try {
      const found = await api.lookUpRegistration(number);
      if (found.registered) go({ step: "known", number, full: found.number });
      else go({ step: "code", action: "register", number, full: found.number, transaction: await begin("register") });
    } catch (wrong) {
      say({ [wrong.body?.title === "Terms not confirmed" ? "terms" : "number"]: said(wrong, text) });
    }
  });
  return html`<form class="form" onSubmit=${submit} novalidate>
    <${Field} id="number" label=${text.number} hint=${text.numberHint} error=${error.number} className="tel" type="tel" inputmode="tel" autocomplete="tel" value=${number} onInput=${(event) => type(event.currentTarget.value)} />
    <fieldset class="terms"><legend>${text.terms}</legend><ul class="plain hint">${text.termList.map((term) => html`<li key=${term}>${term}</li>`)}</ul>
      ${error.terms && html`<p class="err" id="terms-error" role="alert">${error.terms}</p>`}
      <label class="check"><input type="checkbox" checked=${terms} aria-describedby=${error.terms ? "terms-error" : undefined} aria-invalid=${error.terms ? "true" : undefined} onChange=${(event) => agree(event.currentTarget.checked)} /><span>${text.confirm}</span></label></fieldset>
    <div class="form-do"><button class="btn go">${text.send}</button><span class="hint">${text.sendHint}</span></div></form>`;
}

function KnownStep({ text, state, go }) {
  const [error, say] = useState("");
  const begin = (action) => useOnce(async () => {
    try {
      const { transaction } = await api.beginRegistration({ number: state.number, action, ...(action === "delete" ? {} : { terms: true }) });
      go({ ...state, step: "code", action, transaction });
    } catch (wrong) {
      say(said(wrong, text));
    }
  });
  const [update, remove] = [begin("update"), begin("delete")];
  return html`<div class="form"><p>${fill(text.known, { number: shortOf(state.full) })}</p>${error && html`<p class="err" role="alert">${error}</p>`}
    <ul class="plain hint">${text.termList.map((term) => html`<li key=${term}>${term}</li>`)}</ul>
    <div class="form-do"><button type="button" class="btn" onClick=${update}>${text.update}</button><button type="button" class="btn danger" onClick=${remove}>${text.remove}</button>
      <button type="button" class="btn bare" onClick=${() => go({ step: "number", number: state.number })}>${text.back}</button></div><p class="hint">${text.newNumber}</p></div>`;
}

function CodeStep({ text, state, go }) {
  const [code, type] = useState("");
  const [error, say] = useState(null);
  const submit = useOnce(async () => {
    say(null);
    try {
      await api.confirmRegistration(state.transaction, code.trim());
      go({ ...state, step: "done" });
    } catch (wrong) {
      say(said(wrong, text));
    }
  });
  const again = useOnce(async () => {
    try {
      const { transaction } = await api.beginRegistration({ number: state.number, action: state.action, ...(state.action === "delete" ? {} : { terms: true }) });
      type("");
      say(null);
      go({ ...state, transaction });
    } catch (wrong) {
      say(said(wrong, text));
    }
  });
  return html`<form class="form" onSubmit=${submit} novalidate><${Note}>${fill(text.codeSent, { number: shortOf(state.full) })}<//>
    <${Field} id="code" label=${text.code} hint=${text.codeHint} error=${error} className="code" inputmode="numeric" autocomplete="one-time-code" maxlength="6" value=${code} onInput=${(event) => type(event.currentTarget.value)} />
    <div class="form-do"><button class="btn go">${text.codeButton[state.action]}</button><button type="button" class="btn" onClick=${again}>${text.again}</button>
      <button type="button" class="btn bare" onClick=${() => go({ step: "number", number: state.number })}>${text.back}</button></div><p class="hint">${text.noCode}</p></form>`;
}

function DoneStep({ text, state, go }) {
  return html`<section class="form" aria-labelledby="how"><h2 id="how">${text.how}</h2><ol class="how">${text.howList.map((line) => html`<li key=${line}>${line}</li>`)}</ol></section>
    <${Note}>${text.newNumber}<//><p><button type="button" class="btn" onClick=${() => go({ step: "number", number: "" })}>${text.another}</button></p>`;
}

const STEPS = { number: [NumberStep, 0], known: [KnownStep, 0], code: [CodeStep, 1], done: [DoneStep, 2] };

function Page() {
  const text = TEXTS[useLanguage()];
  const [state, go] = useState({ step: "number" });
  const [Step, at] = STEPS[state.step];
  const title = state.step === "code" ? text.codeTitle : state.step === "done" ? text.done[state.action] : text.title;
  useEffect(() => {
    document.title = `${title} · Nød-SMS`;
  }, [title]);
  return html`<${Shell} imitation=${text.imitation} name="Nød-SMS" logo=${html`<${Logo} />`} skip=${text.skip} languageWord=${text.language} before=${html`<${HelpNow} text=${text} />`}>
    <${Heading} step=${state.step}>${title}<//>
    ${state.step === "done" ? html`<p class="lead">${fill(text.doneLead[state.action], { number: shortOf(state.full) })}</p>` : state.step !== "code" && html`<p class="lead">${text.lead}</p>`}
    <${Steps} text=${text} at=${at} />
    <${Step} key=${state.step} text=${text} state=${state} go=${go} />
    ${state.step === "number" && html`<h2 id="questions">${text.qa}</h2><div class="qa">${text.questions.map(([question, answer], index) => html`<details key=${index} open=${index === 0}><summary>${question}</summary><p>${answer}</p></details>`)}</div>`}
    <footer class="foot-p"><p>${text.foot}</p></footer><//>`;
}

render(html`<${Page} />`, document.body);
