// `/m/{id}`: one message alone.
import { html, useEffect } from "../base/html.js";
import { useKeys } from "./keys.js";
import { Message } from "./message.js";
import { go, to } from "./route.js";

export function Page({ route }) {
  useEffect(() => {
    document.title = `${route.id} · smsc`;
  }, [route.id]);
  const back = () => go(to("messages", "", { id: route.id }));
  useKeys({ Escape: back });
  return html`<div class="panes on-detail alone"><article class="pane detail" aria-label=${`Message ${route.id}`}>
    <${Message} key=${route.id} id=${route.id} alone back=${back} />
  </article></div>`;
}
