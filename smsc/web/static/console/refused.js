// Binds that were refused, with why: the latest that the server keeps, also from before the page was opened.
import * as api from "../base/api.js";
import { useAnswer } from "./use.js";

const NONE = [];

export function useRefusedBinds() {
  const { value } = useAnswer((signal) => api.refusedBinds(signal), [], { concerns: ({ event }) => event === "bind.refused" });
  return value?.refusals ?? NONE;
}
