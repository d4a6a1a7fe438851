// A field of a form: label, hint and error belong together, and the error stays until it is mended.
import { Glyph } from "../base/glyph.js";
import { html, useLayoutEffect, useRef } from "../base/html.js";

export function Field({ id, label, hint, error, className = "", ...rest }) {
  const node = useRef(null);
  useLayoutEffect(() => {
    if (error) node.current.focus();
  }, [error]);
  return html`<div><label class="l" for=${id}>${label}</label>${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="err" id=${`${id}-error`} role="alert"><${Glyph} name="failed" tone="fail" />${error}</p>`}
    <input ref=${node} id=${id} class=${`field ${className}`} aria-describedby=${[hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined} aria-invalid=${error ? "true" : undefined} ...${rest} /></div>`;
}
