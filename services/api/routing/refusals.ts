// Every code that a route can answer with: those of its action, those of what its row asks for, and those that may
// befall any request.
import { refusalsOf } from "../../../lib/contract";
import type { RefusalCode } from "../../../lib/refusal";
import { sourcesOf } from "./params";
import type { ActionRoute, Route } from "./route";
import { contractOf } from "./contracts";

/** Requests that cannot be read, or whose sender takes no JSON; and a fault of ours. */
const ANY: readonly RefusalCode[] = [
  "MALFORMED_REQUEST",
  "HEADER_REPEATED",
  "EXPECTATION_FAILED",
  "REQUEST_TOO_SLOW",
  "URI_TOO_LONG",
  "HEADERS_TOO_LARGE",
  "NOT_ACCEPTABLE",
  "INTERNAL",
];

/** Whatever is sent as a body, also where none is asked for. */
const BODY: readonly RefusalCode[] = ["MALFORMED_BODY", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"];

/** Answers to what no route leads to: they belong to no operation of the document. */
export const NOWHERE: readonly RefusalCode[] = ["ROUTE_NOT_FOUND", "METHOD_NOT_ALLOWED", "METHOD_NOT_IMPLEMENTED"];

const ofAction = (route: ActionRoute): RefusalCode[] => {
  return [
    ...(route.headers ?? []).flatMap(({ missing }) => (missing ? [missing] : [])),
    ...(sourcesOf(route).inputIs === "body" ? BODY : []),
    ...refusalsOf(contractOf(route.action)),
  ];
};

/** All codes of a route, each once. */
export const codesOf = (route: Route): readonly RefusalCode[] => {
  const own: readonly RefusalCode[] = "own" in route ? ["VALIDATION_FAILED", ...route.refuses] : ofAction(route);
  return [...new Set([...own, ...ANY])];
};
