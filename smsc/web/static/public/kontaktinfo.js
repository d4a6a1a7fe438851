// /kontaktinfo: a synthetic person logs in, sees what the register has, corrects and confirms it.
import * as api from "../base/api.js";
import { html, render, useCallback, useEffect, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Num } from "../base/number.js";
import { Tag } from "../base/parts.js";
import { Field } from "./field.js";
import { date, fill, read, time, useLanguage } from "./language.js";
import { Heading, Shell } from "./shell.js";

const TEXTS = await read("kontaktinfo-texts.json");

const LANGUAGES = [["nb", "Bokmål"], ["nn", "Nynorsk"], ["en", "English"], ["se", "Davvisámegiella"]];

const Logo = () => html`<svg viewBox="0 0 34 34" aria-hidden="true"><rect width="34" height="34" rx="9" class="logo-accent" /><path d="M9 11.5h16v11H9zM9.5 12.5 17 18.5l7.5-6" class="logo-accent-line" /></svg>`;

const shortOf = (address) => address.replace(/^\+47/, "");

function Login({ text, enter }) {
  const [identifier, type] = useState("");
  const [error, say] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    say(null);
    try {
      enter(await api.citizen(identifier.replace(/\s/g, "")));
    } catch (wrong) {
      say(wrong.status === 404 ? text.notFound : text.wrongId);
    }
  };
  return html`<${Heading} step="login">${text.loginTitle}<//><p class="lead">${text.loginLead}</p>
    <form class="form" onSubmit=${submit} novalidate><${Field} id="identifier" label=${text.identifier} hint=${text.identifierHint} error=${error} className="tel" inputmode="numeric" autocomplete="off" value=${identifier} onInput=${(event) => type(event.currentTarget.value)} />
      <p><button class="btn go">${text.login}</button></p></form>
    <h2>${text.what}</h2><p>${text.whatText}</p><h2>${text.reserveWhat}</h2><p>${text.reserveText}</p>`;
}

function Channel({ text, name, icon, channel, change, code }) {
  const [editing, edit] = useState(null);
  const [error, say] = useState(null);
  const label = text[name];
  const save = async (event) => {
    event.preventDefault();
    if (await change({ [name]: editing.trim() || null })) edit(null);
    else say(text.wrong);
  };
  const begin = () => {
    say(null);
    edit(channel ? shortOf(channel.address) : "");
  };
  const when = channel && date(channel.verified ?? channel.updated, code);
  return html`<section class="form" aria-labelledby=${name}><div class="hd"><${Icon} name=${icon} /><h2 id=${name}>${label}</h2>${channel ? (channel.fresh ? html`<${Tag} tone="done" glyph="delivered">${text.confirmed}<//>` : html`<${Tag} tone="wait" glyph="waiting">${text.stale}<//>`) : html`<${Tag} line>${text.none}<//>`}</div>
    ${editing !== null
      ? html`<form class="edit" onSubmit=${save} novalidate><${Field} id=${`${name}-field`} label=${label} hint=${name === "mobile" ? text.mobileHint : undefined} error=${error} type=${name === "mobile" ? "tel" : "email"} autocomplete=${name === "mobile" ? "tel" : "email"} value=${editing} onInput=${(event) => edit(event.currentTarget.value)} />
          <div class="bt"><button class="btn go small">${text.save}</button><button type="button" class="btn small" onClick=${() => edit(null)}>${text.cancel}</button></div></form>`
      : html`<p class="val">${channel ? (name === "mobile" ? html`<${Num} n=${shortOf(channel.address)} />` : channel.address) : "–"}</p>${channel && html`<p class="hint">${fill(channel.fresh ? text.lastSeen : text.staleText, { when })}</p>`}
          <div class="bt">${channel && !channel.fresh && html`<button type="button" class="btn go small" onClick=${() => change({ verified: true })}>${text.right}</button>`}<button type="button" class="btn small" aria-label=${`${text.change}: ${label}`} onClick=${begin}>${text.change}</button></div>`}
  </section>`;
}

function Choice({ text, id, icon, title, legend, name, options, value, save }) {
  const [chosen, choose] = useState(value);
  useEffect(() => choose(value), [value]);
  return html`<section class="form" aria-labelledby=${id}><div class="hd"><${Icon} name=${icon} /><h2 id=${id}>${title}</h2></div>
    <fieldset class="radios"><legend class="sr">${legend}</legend>${options.map(([key, word, about]) => html`<label class="check" key=${key}><input type="radio" name=${name} checked=${chosen === key} onChange=${() => choose(key)} /><span lang=${name === "language" ? key : undefined}>${about ? html`<b>${word}</b><br /><span class="hint">${about}</span>` : word}</span></label>`)}</fieldset>
    <div class="bt"><button type="button" class="btn small" disabled=${chosen === value} aria-label=${`${text.save}: ${title}`} onClick=${() => save(chosen)}>${text.save}</button></div></section>`;
}

function Lookups({ text, identifier, code }) {
  const [found, show] = useState(null);
  useEffect(() => {
    api.citizenLookups(identifier).then(({ lookups }) => show(lookups), () => show([]));
  }, [identifier]);
  return html`<section aria-labelledby="looks"><h2 id="looks">${text.looks}</h2><p class="hint">${text.looksText}</p>
    ${found?.length ? html`<div class="wide-card" tabindex="0" role="region" aria-label=${text.looks}><table class="grid-t looks"><thead><tr><th scope="col">${text.who}</th><th scope="col">${text.saw}</th><th scope="col" class="r">${text.when}</th></tr></thead><tbody>${[...found].reverse().map((look, index) => html`<tr key=${index}><td>${look.asked_by}</td><td>${look.agency}</td><td class="r">${date(look.at, code)} ${time(look.at, code)}</td></tr>`)}</tbody></table></div>` : found && html`<p>${text.nobody}</p>`}</section>`;
}

function Person({ text, code, person, update }) {
  const [told, tell] = useState("");
  const change = useCallback(async (body) => {
    tell("");
    try {
      update(await api.changeCitizen(person.identifier, body));
      tell(text.saved);
      return true;
    } catch {
      return false;
    }
  }, [person.identifier, text]);
  return html`<${Heading} step="person">${text.title}<//><p class="lead">${text.lead}</p><p class="sr" role="status">${told}</p>
    <div class="two"><${Channel} text=${text} code=${code} name="mobile" icon="phone" channel=${person.mobile} change=${change} /><${Channel} text=${text} code=${code} name="email" icon="mail" channel=${person.email} change=${change} /></div>
    <div class="two"><${Choice} text=${text} id="letters" icon="file" title=${text.letters} legend=${text.lettersHow} name="reserved" value=${person.reserved ? "paper" : "digital"} save=${(key) => change({ reserved: key === "paper" })} options=${[["digital", text.digital, text.digitalText], ["paper", text.paper, text.paperText]]} />
      <${Choice} text=${text} id="language" icon="messages" title=${text.languageTitle} legend=${text.languageTitle} name="language" value=${person.language} save=${(language) => change({ language })} options=${LANGUAGES} /></div>
    <${Lookups} text=${text} code=${code} identifier=${person.identifier} />`;
}

function Page() {
  const code = useLanguage();
  const text = TEXTS[code];
  const [person, enter] = useState(null);
  useEffect(() => {
    document.title = person ? `${text.title} · ${text.name}` : `${text.loginTitle} · ${text.name}`;
  }, [person, text]);
  const side = person && html`<span class="me"><span><b>${text.person}</b><br /><span class="num dim">${person.identifier}</span></span><button type="button" class="btn small" onClick=${() => enter(null)}>${text.logout}</button></span>`;
  return html`<${Shell} wide imitation=${text.imitation} name=${text.name} logo=${html`<${Logo} />`} skip=${text.skip} languageWord=${text.language} side=${side}>
    ${person ? html`<${Person} key="person" text=${text} code=${code} person=${person} update=${enter} />` : html`<${Login} key="login" text=${text} enter=${enter} />`}
    <footer class="foot-p"><p>${text.foot}</p></footer><//>`;
}

render(html`<${Page} />`, document.body);
