// Repeats of a request with an idempotency key: the action says of its answer that it is the one of then, and the
// client hears it as a header.
import { type TObject, type TProperties, type TSchema, Type } from "@sinclair/typebox";

/** What contracts/common.ts adds to the result of an action that may be repeated. */
const MARK = "replayed";

/** A result as the client sees it, and whether it is a repeat's. */
export const withoutMark = (result: unknown): { result: unknown; replayed: boolean } => {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return { result, replayed: false };
  const { [MARK]: mark, ...shown } = result as Record<string, unknown>;
  return { result: shown, replayed: mark === true };
};

const propertiesOf = (schema: TSchema): TProperties | undefined => (schema as Partial<TObject>).properties;

/** Whether an action of this result tells repeats apart. */
export const isReplayable = (schema: TSchema): boolean => propertiesOf(schema)?.[MARK] !== undefined;

/** The schema of a result as the client sees it. */
export const schemaWithoutMark = (schema: TSchema): TSchema =>
  isReplayable(schema) ? Type.Omit(schema, [MARK], { additionalProperties: false }) : schema;
