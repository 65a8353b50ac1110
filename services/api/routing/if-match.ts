// If-Match as a param of actions: which of the entity tags in it are versions of ours.
import { Type } from "@sinclair/typebox";
import type { IfVersion } from "../../../contracts/versions";
import { FIELD, parseTags } from "../http/entity-tags";
import type { HeaderForm } from "./route";

const VERSION = /^"([1-9]\d{0,14})"$/;

/**
 * What If-Match asks for. Tags are compared as texts and strongly (section 8.8.3.2): a weak one, or one that no version
 * of ours looks like (`"03"`, `"3e0"`), is left out, and so fits nothing.
 * @param field of the form below
 */
export const versionsIn = (field: string): IfVersion => {
  const named = parseTags(field) ?? [];
  return named === "*" ? "*" : named.flatMap(tag => VERSION.exec(tag)?.[1] ?? []).map(Number);
};

/** If-Match, as it is documented and read. */
export const versionsForm: HeaderForm = {
  schema: Type.String({
    maxLength: 1024,
    pattern: FIELD,
    description: "ETags in their quotes, or *. A weak one fits nothing.",
  }),
  mistake: "NOT_ENTITY_TAGS",
  read: versionsIn,
};
