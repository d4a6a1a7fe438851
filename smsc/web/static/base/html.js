// Preact, its hooks and htm under one name: what every component imports.
import { Fragment, h, render } from "../vendor/preact.js";
import htm from "../vendor/htm.js";

export * from "../vendor/hooks.js";
export { Fragment, render };
export const html = htm.bind(h);
