// All ways to refuse, in one catalogue: code, HTTP status, one sentence per language, and the facts that come with it.
// The code is the promise.
import type { Static, TObject } from "@sinclair/typebox";
import type { PlainCode } from "../lib/refusal";
import type { Entry } from "./refusal-entry";
import { requestRefusals } from "./request-refusals";
import { shopRefusals } from "./shop-refusals";

const catalogue = { ...requestRefusals, ...shopRefusals };

type FactsOf<E> = E extends { readonly facts: infer F extends TObject } ? Static<F> : Record<string, never>;
type Codes = { [C in keyof typeof catalogue]: FactsOf<(typeof catalogue)[C]> };

declare module "../lib/refusal" {
  interface RefusalCodes extends Codes {}
}

export type RefusalCode = keyof typeof catalogue;

/** Codes for what is not there. */
export type NotFoundCode = {
  [C in RefusalCode]: (typeof catalogue)[C]["status"] extends 404 ? C : never;
}[RefusalCode];

export const refusals: Readonly<Record<RefusalCode, Entry>> = catalogue;

export const isRefusalCode = (code: unknown): code is RefusalCode =>
  typeof code === "string" && Object.hasOwn(catalogue, code);

/** Whether a code carries no facts. */
export const isPlain = (code: RefusalCode): code is PlainCode => refusals[code].facts === undefined;
