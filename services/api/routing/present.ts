// How the result of an action becomes an answer.
import { type Answer, json, noContent } from "../http/response";
import { tagOf } from "./entity-tags";
import { isRecord } from "../http/problem";
import { REPLAYED, withoutMark } from "./replay";
import type { ActionRoute } from "./route";

const field = (value: unknown, name: string | undefined): unknown =>
  name !== undefined && isRecord(value) ? value[name] : undefined;

/** The ETag of what has a version is that version, which If-Match then names. */
const versionTag = (data: unknown): string | undefined => {
  const version = field(data, "version");
  return typeof version === "number" ? tagOf(version) : undefined;
};

const bodyOf = ({ shape }: ActionRoute, result: unknown, data: unknown): unknown => {
  switch (shape) {
    case "data":
      return { success: true, data };
    case "fields":
      return { success: true, ...(isRecord(result) ? result : {}) };
    case "bare":
    case "nothing":
      return result;
    default:
      return shape satisfies never;
  }
};

/** The answer of a route for a result of its action. */
export const present = (route: ActionRoute, marked: unknown): Answer => {
  const { result, replayed } = withoutMark(marked);
  const repeat = replayed ? REPLAYED : [];
  if (route.shape === "nothing") return noContent(["Cache-Control", "no-store", ...repeat]);
  const {
    method,
    part,
    settled,
    location,
    cached,
    status = 200,
    cacheControl = cached ? "no-cache" : "no-store",
  } = route;
  const data = part === undefined ? result : field(result, part);
  const isOpen = settled !== undefined && field(result, settled) !== true;
  const etag = versionTag(data) ?? (method === "GET" ? "hash" : undefined);
  return json(bodyOf(route, result, data), {
    status: isOpen ? 202 : status,
    cacheControl,
    ...(etag === undefined ? {} : { etag }),
    headers: [
      ...(location === undefined ? [] : ["Location", `${location}${String(field(data, "id"))}`]),
      ...(isOpen ? ["Retry-After", "1"] : []),
      ...repeat,
    ],
  });
};
