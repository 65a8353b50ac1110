// Answers made of the bytes in which a result came over the bus, where a route shows it as it is.
import type { JsonBytes } from "../../../lib/json-bytes";
import { tagOf } from "../http/entity-tags";
import { type Answer, jsonBody } from "../http/response";
import { contractOf } from "./contracts";
import { isReplayable } from "./replay";
import { hasVersion } from "./results";
import type { ActionRoute } from "./route";

/** Whether a route may ask for bytes: not where more is read from the result than one member, as writes do. */
export const passesBytes = ({ method, action, shape, part, final, location }: ActionRoute): boolean =>
  method === "GET" &&
  shape !== "nothing" &&
  // There is a member, then, before which another one can be put.
  (shape !== "fields" || part !== undefined) &&
  final === undefined &&
  location === undefined &&
  !isReplayable(contractOf(action).result);

const BEFORE_DATA = Buffer.from('{"success":true,"data":');
const BEFORE_FIELDS = Buffer.from('{"success":true,');
const CLOSE = Buffer.from("}");

const bodyAround = ({ shape }: ActionRoute, result: JsonBytes, data: JsonBytes): Buffer => {
  if (shape === "data") return Buffer.concat([BEFORE_DATA, data.bytes, CLOSE]);
  return shape === "fields" ? Buffer.concat([BEFORE_FIELDS, result.bytes.subarray(1)]) : result.bytes;
};

/**
 * Compiles what a route that passes bytes makes of them; undefined when they lack what its answer needs, or it is in
 * doubt.
 */
export const passer = (route: ActionRoute, cacheControl: string): ((result: JsonBytes) => Answer | undefined) => {
  const { part, status = 200 } = route;
  const isVersioned = hasVersion(route);
  return result => {
    const data = part === undefined ? result : result.member(part);
    const version = isVersioned ? data?.member("version")?.parse() : undefined;
    if (!data || (isVersioned && !Number.isSafeInteger(version))) return undefined;
    const etag = isVersioned ? tagOf(version as number) : "hash";
    return jsonBody(bodyAround(route, result, data), { status, cacheControl, etag });
  };
};
