// The list itself. Of a hundred thousand rows only those on the screen are elements.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../base/html.js";
import { reasonLine, Row } from "./row.js";
import { useTick } from "./use.js";

const AROUND = 12;

/** Where each row begins, in px; the last entry is the height of all. */
function starts(rows, two, three) {
  const at = new Float64Array(rows.length + 1);
  for (let index = 0; index < rows.length; index += 1) at[index + 1] = at[index] + (reasonLine(rows[index]) ? three : two);
  return at;
}

function indexAt(at, y) {
  let low = 0;
  let high = at.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (at[middle] <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function Rows({ rows, fresh, current, chosen, q, more, scrolled }) {
  const box = useRef(null);
  const [size, measure] = useState({ two: 54, three: 73, height: 800 });
  const [top, scroll] = useState(0);
  useTick();

  useLayoutEffect(() => {
    const read = () => {
      const style = getComputedStyle(box.current);
      const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
      measure({
        two: Math.round(parseFloat(style.getPropertyValue("--row-2")) * rem),
        three: Math.round(parseFloat(style.getPropertyValue("--row-3")) * rem),
        height: box.current.clientHeight,
      });
    };
    read();
    const watcher = new ResizeObserver(read);
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);

  const at = starts(rows, size.two, size.three);
  const first = Math.max(0, indexAt(at, top) - AROUND);
  const last = Math.min(rows.length, indexAt(at, top + size.height) + AROUND);

  useEffect(() => {
    if (last >= rows.length - AROUND) more();
  }, [last, rows.length]);

  useEffect(() => {
    const index = rows.findIndex((row) => row.id === current);
    if (index < 0) return;
    const node = box.current;
    if (at[index] < node.scrollTop) node.scrollTop = at[index];
    else if (at[index + 1] > node.scrollTop + node.clientHeight) node.scrollTop = at[index + 1] - node.clientHeight;
  }, [current]);

  const onScroll = (event) => {
    scroll(event.currentTarget.scrollTop);
    scrolled.current = event.currentTarget.scrollTop > 4;
  };
  return html`<ol class="scroll rows" ref=${box} onScroll=${onScroll} tabindex="-1" aria-label="Messages, newest first">
    <li class="space" aria-hidden="true" style=${{ height: `${at[first]}px` }}></li>
    ${rows.slice(first, last).map((message, index) => html`<li key=${message.id} class=${at[first + index + 1] - at[first + index] > size.two ? "tall" : "short"}
      aria-setsize=${rows.length} aria-posinset=${first + index + 1}><${Row} message=${message} current=${message.id === current}
      chosen=${chosen.has(message.id)} fresh=${fresh.has(message.id)} label=${q} /></li>`)}
    <li class="space" aria-hidden="true" style=${{ height: `${at[rows.length] - at[last]}px` }}></li>
  </ol>`;
}
