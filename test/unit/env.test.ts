// The reader of settings: whatever a schema declares is read from texts, and a bad one is named without telling a
// secret.
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { type TObject, Type } from "@sinclair/typebox";
import { address, addresses, type Env, environmentFor, readEnvironment, readSettings } from "../../lib/env";
import { StartupError } from "../../lib/errors";
import { temporaryFolder } from "../helpers/broker";

const settings = Type.Object({
  COUNT: Type.Integer({ default: 3, minimum: 0, maximum: 100 }),
  LEVEL: Type.Union([Type.Literal("low"), Type.Literal("high")], { enum: ["low", "high"], default: "low" }),
  TOKEN: Type.Optional(Type.String({ secret: true, minLength: 8, wanted: "at least 8 characters" })),
  PEERS: Type.Optional(addresses(["nats"], "nats://host")),
  UPSTREAM: Type.Optional(address(["smtp"], "smtp://host")),
  KEYS: Type.Array(Type.String({ secret: true, pattern: "^k[0-9]+$", wanted: "k and digits" }), { default: [] }),
  TAGS: Type.Array(Type.String({ pattern: "^[a-z]+$" }), { default: ["all"], wanted: "lower-case words" }),
  SAMPLE: Type.String({ default: "yes", inProduction: { default: "no" } }),
});

const refusalOf = (schema: TObject, env: Env): string => {
  try {
    readSettings(schema, env);
  } catch (error) {
    if (error instanceof StartupError) return error.message;
    throw error;
  }
  return "";
};

test.each([{}, { TOKEN: "", UPSTREAM: "  ", COUNT: "" }])(
  "what is not set, as in %j, is its default, or is not there",
  env => {
    const values = readSettings(settings, env as Env);
    expect(values).toEqual({ COUNT: 3, LEVEL: "low", KEYS: [], TAGS: ["all"], SAMPLE: "yes" });
    expect(Object.keys(values)).not.toContain("TOKEN");
  },
);

test.each([
  [{ COUNT: " 7 " }, { COUNT: 7 }],
  [{ COUNT: "0" }, { COUNT: 0 }],
  [{ COUNT: "007" }, { COUNT: 7 }],
  [{ COUNT: "   " }, { COUNT: 3 }],
  [{ TOKEN: " pass word " }, { TOKEN: "pass word" }],
  [{ KEYS: "k1, k2 ,,k1" }, { KEYS: ["k1", "k2"] }],
  [{ TAGS: " , " }, { TAGS: [] }],
  [{ PEERS: "nats://a, nats://b" }, { PEERS: ["nats://a", "nats://b"] }],
  [{ NODE_ENV: "production" }, { SAMPLE: "no" }],
  [{ NODE_ENV: "production", SAMPLE: "yes" }, { SAMPLE: "yes" }],
])("%j is read as %j", (env, values) => expect(readSettings(settings, env)).toMatchObject(values));

test.each(["3 0", "3,0", "0x10", "1e1", "1.0", "+7", "-1", "101", "three", "Infinity", "NaN", "٣"])(
  "%j is no whole number from 0 to 100",
  text => {
    expect(refusalOf(settings, { COUNT: text })).toMatch(
      /^COUNT\S*.* is not usable: it must be a whole number from 0 to 100\.$/,
    );
  },
);

test.each([
  [{ LEVEL: "middle" }, "LEVEL=middle is not usable: it must be one of low, high."],
  [{ TAGS: "a,B,c" }, "TAGS=B is not usable: it must be lower-case words."],
  [{ TOKEN: "short" }, "TOKEN is not usable: it must be at least 8 characters."],
  [{ KEYS: "k1,s3cret,k2" }, "KEYS is not usable: it must be k and digits."],
  [{ KEYS: "s3cret" }, "KEYS is not usable: it must be k and digits."],
])("%j is refused: %s", (env, refusal) => expect(refusalOf(settings, env)).toBe(refusal));

test.each([
  { PEERS: "nats://a:1,joe:s3cret,nats://b:2" },
  { PEERS: "nats://a:1,nats://joe:s3cret@b,nats://c" },
  { PEERS: "s3cret" },
  { UPSTREAM: "s3cret" },
  { COUNT: "smtp://joe:s3cret@a" },
  { LEVEL: "smtp://joe:s3cret@a" },
  { TAGS: "a,joe:s3cret,b" },
])("a password in a bad %j is not told", (env: Env) => {
  const refusal = refusalOf(settings, env);
  expect(refusal).toMatch(/^[A-Z]+ is not usable: it must be /);
  expect(refusal).not.toContain("s3cret");
});

test("what production wants has no default there, and one anywhere else", () => {
  const one = Type.Object({
    KEY: Type.String({ default: "made up", inProduction: { required: true }, wanted: "a key" }),
  });
  expect(readSettings(one, { NODE_ENV: "test" })).toEqual({ KEY: "made up" });
  expect(refusalOf(one, { NODE_ENV: " production " })).toBe(
    "KEY is not set: it must be a key (NODE_ENV=production has no default for it).",
  );
});

test("a file of settings that is there and cannot be read is not taken for none", () => {
  const path = join(temporaryFolder(), ".env");
  expect(readEnvironment({ A: "1" }, path)).toEqual({ A: "1" });
  symlinkSync(path, path);
  expect(() => readEnvironment({ A: "1" }, path)).toThrow(StartupError);
});

test("a process gets its own settings and what every program needs of its machine, and nothing else", () => {
  const env = {
    COUNT: "1",
    TOKEN: "t",
    OTHER_TOKEN: "s3cret",
    PATH: "/bin",
    LC_ALL: "C",
    Path: "C:",
    npm_token: "s3cret",
  };
  expect(environmentFor([settings], env)).toEqual({ COUNT: "1", TOKEN: "t", PATH: "/bin", LC_ALL: "C", Path: "C:" });
});
