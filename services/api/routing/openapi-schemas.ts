// The contracts' schemas as the OpenAPI document shows them: what is sent is closed, what is answered may grow.
import type { TSchema } from "@sinclair/typebox";
import { Money, RecordedEvent } from "../../../contracts/common";
import { Order, OrderSummary, ShippingAddress } from "../../../contracts/orders";
import { Product } from "../../../contracts/products";
import { User } from "../../../contracts/users";

export type Json = Readonly<Record<string, unknown>>;

const named: Readonly<Record<string, TSchema>> = {
  Product,
  Order,
  OrderSummary,
  User,
  Money,
  ShippingAddress,
  RecordedEvent,
};
/** By their text: a schema that was made optional is another object and still the same schema. */
const names = new Map(Object.entries(named).map(([name, schema]) => [JSON.stringify(schema), name]));

/**
 * `input`: unknown fields are refused. `output`: fields may be added at any time, and clients ignore what they do not
 * know.
 */
type Direction = "input" | "output";

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Keys of any form, as most clients' generators read it: they know no `patternProperties`. */
const keysOf = (patterns: Json, direction: Direction): Json => {
  const [first, ...others] = Object.entries(patterns);
  if (!first || others.length > 0) throw new Error("A schema with several patterns for its keys cannot be shown.");
  const [pattern, value] = first;
  return {
    ...(pattern === "^(.*)$" ? {} : { propertyNames: { pattern } }),
    additionalProperties: convert(value, direction),
  };
};

const convertPart = (key: string, value: unknown, direction: Direction): Json => {
  switch (key) {
    case "additionalProperties":
      return direction === "output" && value === false ? {} : { [key]: convert(value, direction) };
    case "patternProperties":
      return {};
    case "pattern":
      // What was stored under an earlier rule is shown as it is.
      return direction === "output" ? {} : { [key]: value };
    case "properties":
      return {
        [key]: Object.fromEntries(
          Object.entries(value as Json).map(([name, part]) => [name, convert(part, direction)]),
        ),
      };
    case "items":
      return { [key]: convert(value, direction) };
    case "anyOf":
    case "allOf":
    case "oneOf":
      return { [key]: (value as readonly unknown[]).map(part => convert(part, direction)) };
    default:
      return { [key]: value };
  }
};

const inFull = (schema: Json, direction: Direction): Json => {
  const parts = Object.entries(schema).map(([key, value]) => convertPart(key, value, direction));
  return Object.assign(
    {},
    ...parts,
    isObject(schema.patternProperties) ? keysOf(schema.patternProperties, direction) : {},
  ) as Json;
};

const convert = (schema: unknown, direction: Direction): unknown => {
  if (!isObject(schema)) return schema;
  const name = names.get(JSON.stringify(schema));
  return name
    ? { $ref: `#/components/schemas/${name}${direction === "input" ? "Input" : ""}` }
    : inFull(schema, direction);
};

/** A schema of what clients send, as plain JSON Schema with references where it has a name. */
export const input = (schema: unknown): unknown => convert(schema, "input");

/** A schema of what clients are answered. */
export const output = (schema: unknown): unknown => convert(schema, "output");

const mentions = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name = ""]) => name);

/** The named schemas that something refers to, and those that they refer to. */
export const schemasFor = (document: unknown): Json => {
  const found: Record<string, unknown> = {};
  const add = (name: string): void => {
    const isInput = !(name in named);
    const schema = named[isInput ? name.replace(/Input$/, "") : name];
    if (!schema || name in found) return;
    found[name] = inFull(schema, isInput ? "input" : "output");
    mentions(found[name]).forEach(add);
  };
  mentions(document).forEach(add);
  return found;
};
