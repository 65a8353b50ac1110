// How the result of an action becomes an answer.
import { JsonBytes } from "../../../lib/json-bytes";
import { tagOf } from "../http/entity-tags";
import { type Answer, json, noContent, REPLAYED } from "../http/response";
import { passer } from "./pass-through";
import { withoutMark } from "./replay";
import { hasVersion } from "./results";
import type { ActionRoute } from "./route";

type Result = Readonly<Record<string, unknown>>;

const bodyOf = ({ shape }: ActionRoute, result: Result, data: unknown): unknown => {
  switch (shape) {
    case "data":
      return { success: true, data };
    case "fields":
      return { success: true, ...result };
    case "bare":
    case "nothing":
      return result;
    default:
      return shape satisfies never;
  }
};

/** Compiles what a route makes of a result of its action, which may be JsonBytes where the route passes them. */
export const presenter = (route: ActionRoute): ((marked: unknown) => Answer) => {
  const { method, part, final, location, cached, status = 200 } = route;
  const { cacheControl = cached ? "no-cache" : "no-store" } = route;
  const isVersioned = hasVersion(route);

  const present = (marked: unknown): Answer => {
    const { result, replayed } = withoutMark(marked) as { result: Result; replayed: boolean };
    const repeat = replayed ? REPLAYED : [];
    if (route.shape === "nothing") return noContent(["Cache-Control", "no-store", ...repeat]);
    const data = part === undefined ? result : result[part];
    const etag = isVersioned ? tagOf((data as { version: number }).version) : method === "GET" ? "hash" : undefined;
    const isOpen = final !== undefined && result[final] !== true;
    return json(bodyOf(route, result, data), {
      status: isOpen ? 202 : status,
      cacheControl,
      ...(etag === undefined ? {} : { etag }),
      headers: [
        ...(location ? ["Location", `${location.under}${location.id(result)}`] : []),
        ...(isOpen ? ["Retry-After", "1"] : []),
        ...repeat,
      ],
    });
  };
  const pass = passer(route, cacheControl);
  return marked => (marked instanceof JsonBytes ? (pass(marked) ?? present(marked.parse())) : present(marked));
};
