// Texts in contracts: every string that comes in refuses what nobody can see, and says so.
import { type TSchema, Type } from "@sinclair/typebox";
import { services } from "../../contracts/index";
import { fieldName, headerText, multiline, optionalText, secret, text } from "../../contracts/text";
import { compileCheck } from "../../lib/validate";

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index));
const CONTROLS = [...range(0, 0x1f), ...range(0x7f, 0x9f), ...range(0x2028, 0x202e), ...range(0x2066, 0x2069)];
const HALVES = ["\ud800", "\udfff", "\udc00\ud800"];
const named = (character: string) => `U+${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;

interface Spot {
  where: string;
  schema: TSchema;
}

/** Every string in a schema, keys of records included, by where it stands. */
const stringsIn = (schema: TSchema, where: string): Spot[] => {
  const {
    type,
    properties = {},
    patternProperties = {},
    items,
    anyOf = [],
  } = schema as unknown as {
    type?: string;
    properties?: Record<string, TSchema>;
    patternProperties?: Record<string, TSchema>;
    items?: TSchema;
    anyOf?: TSchema[];
  };
  return [
    ...(type === "string" ? [{ where, schema }] : []),
    ...Object.entries(properties).flatMap(([name, part]) => stringsIn(part, `${where}.${name}`)),
    ...Object.entries(patternProperties).flatMap(([pattern, part]) => [
      { where: `${where}.key`, schema: Type.String({ pattern }) },
      ...stringsIn(part, `${where}.value`),
    ]),
    ...(items ? stringsIn(items, `${where}[]`) : []),
    ...anyOf.flatMap(part => stringsIn(part, where)),
  ];
};

const FORMATS = ["email", "uri", "date-time", "password"];
/** Matches something with this character, at any place in it. */
const lets = (schema: TSchema, character: string): boolean => {
  const { pattern = "^" } = schema as { pattern?: string };
  const [check, regExp] = [compileCheck(Type.String({ pattern })), new RegExp(pattern, "u")];
  return ["", "a", "A", "abc", "USD", "KR", "0"].some(filler =>
    [`${character}${filler}`, `${filler}${character}`, `${filler}${character}${filler}`].some(
      value => check(value).length === 0 && regExp.test(value),
    ),
  );
};

/** Strings that let some control character pass. Line breaks and tabs may be in what has room for them. */
const openSpots = (spots: readonly Spot[]): string[] =>
  spots
    .filter(
      ({ schema }) =>
        !("enum" in schema) &&
        !("const" in schema) &&
        !FORMATS.includes(String((schema as { format?: string }).format)),
    )
    .flatMap(({ where, schema }) => {
      const allowed = where.endsWith(".description") ? ["\t", "\n", "\r"] : [];
      const passing = CONTROLS.filter(character => !allowed.includes(character) && lets(schema, character));
      return passing.length > 0 ? [`${where}: ${passing.map(named).join(" ")}`] : [];
    });

const spots = Object.entries(services).flatMap(([service, { actions: contract }]) =>
  Object.entries(contract).flatMap(([name, { params }]) => stringsIn(params, `${service}.${name}`)),
);

describe("the params of all actions", () => {
  test("hold no string that lets control characters in", () => {
    expect(spots.map(({ where }) => where)).toEqual(
      expect.arrayContaining([
        "users.register.name",
        "products.create.attributes.key",
        "orders.place.shippingAddress.line2",
      ]),
    );
    expect(openSpots(spots)).toEqual([]);
  });

  test("hold no secret but passwords", () => {
    const secrets = spots
      .filter(({ schema }) => (schema as { format?: string }).format === "password")
      .map(({ where }) => where);
    expect(secrets.filter(where => !/password$/i.test(where))).toEqual([]);
  });

  test("would be told apart from careless ones", () => {
    const careless = {
      a: Type.String({ maxLength: 5 }),
      b: Type.Array(Type.String({ pattern: "\\S" })),
      c: Type.Record(Type.String(), Type.Number()),
      d: Type.Optional(Type.Union([Type.Null(), Type.String({ pattern: "^[^\\r\\n]*$" })])),
    };
    expect(openSpots(stringsIn(Type.Object(careless), "x")).map(spot => spot.slice(0, spot.indexOf(":")))).toEqual([
      "x.a",
      "x.b[]",
      "x.c.key",
      "x.d",
    ]);
  });

  const PORTABLE =
    "have patterns that other languages' tools read: no lookbehind, property classes, or halves of characters";
  test(PORTABLE, () => {
    const patterns = [...new Set(spots.map(({ schema }) => (schema as { pattern?: string }).pattern ?? ""))];
    expect(patterns.filter(pattern => /\(\?<|\\[pP]|\\u\{|\\u[dD][89a-fA-F]/.test(pattern))).toEqual([]);
  });
});

describe("one text", () => {
  const check = (schema: TSchema) => compileCheck(schema);
  const codes = (schema: TSchema, value: unknown) => check(schema)(value).map(({ code }) => code);

  test.each(["Kim", "김민수", "Zoë O'Neill-García", "مريم", "👩‍👩‍👧 family", "a".repeat(100), " padded "])(
    "%s is a name",
    name => {
      expect([text(100), optionalText(100), multiline(100)].flatMap(schema => codes(schema, name))).toEqual([]);
    },
  );

  test.each(CONTROLS.map(character => [named(character), character] as const))(
    "%s is refused in it, and said to be what it is",
    (_name, character) => {
      for (const value of [`a${character}b`, `${character}b`, `a${character}`]) {
        expect(codes(text(100), value)).toEqual(["HAS_CONTROLS"]);
        expect(codes(optionalText(100), value)).toEqual(["HAS_CONTROLS"]);
        expect(codes(multiline(100), value)).toEqual(["\t", "\n", "\r"].includes(character) ? [] : ["HAS_CONTROLS"]);
        expect(codes(headerText(0, 100), value)).toEqual(["HAS_CONTROLS"]);
        expect(codes(secret(1, 100), value)).toEqual([]);
      }
    },
  );

  test.each(HALVES)("half a character is refused everywhere (%#)", half => {
    for (const schema of [text(100), optionalText(100), multiline(100), secret(1, 100)])
      expect(codes(schema, `a${half}`)).toEqual(["NOT_UNICODE"]);
  });

  test.each([" ", "\u00a0 \u3000", "\u200b", "\u3164\u3164", "\u2800", "\ufeff", "\u00ad\u200d"])(
    "%j is blank",
    blank => {
      expect(codes(text(100), blank)).toEqual(["BLANK"]);
      expect(codes(optionalText(100), blank)).toEqual([]);
    },
  );

  test("names of fields refuse them too, and the error says which field", () => {
    const attributes = Type.Record(fieldName(64), Type.Union([optionalText(10), Type.Number()]), {
      additionalProperties: false,
    });
    expect(compileCheck(attributes)({ "a\u202eb": 1 })).toEqual([{ path: "/a\u202eb", code: "NAME_HAS_CONTROLS" }]);
    expect(compileCheck(attributes)({ a: "\u001b[2J" })).toEqual([{ path: "/a", code: "HAS_CONTROLS" }]);
    expect(compileCheck(attributes)({ "a.b": 1, $c: 2, ["a".repeat(65)]: 3 })).toHaveLength(3);
    expect(compileCheck(attributes)({ "Größe (cm)": 1, 색상: "빨강" })).toEqual([]);
  });

  test("a long one is checked in linear time: ten times the length costs no hundred times the steps", () => {
    // Quadratic, this would take minutes, whatever the machine.
    for (const evil of [`${" ".repeat(2_000_000)}\u0000`, `${"a ".repeat(1_000_000)}\u0000`])
      expect(codes(text(5_000_000), evil)).toEqual(["HAS_CONTROLS"]);
  });
});
