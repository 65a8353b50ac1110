// The rules of the house that oxlint checks: each is seen to fail on a small bad example, and to let a good one pass.
import { type Example, lint } from "./helpers/lint";

const IMPORTS = "eslint(no-restricted-imports)";

/** Each example in a file of its own, so that one run of oxlint sees them all: `#` in a path becomes its name. */
const named = (name: string, examples: readonly Example[]): Example[] =>
  examples.map(([path, text], index) => [path.replace("#", `${name}${index}`), text]);

const uses = (path: string, ...specifiers: string[]): Example[] =>
  specifiers.map(from => [path, `import { x } from "${from}";\nx();\n`]);
const usesTypes = (path: string, ...specifiers: string[]): Example[] =>
  specifiers.map(from => [path, `import type { X } from "${from}";\nexport type Y = X;\n`]);
const says = (path: string, ...texts: string[]): Example[] => texts.map(text => [path, `${text}\n`]);

const RULES = "services/orders/#.rules.ts";
const ROOM = "services/api/http/#.ts";

const badImports = named("bad", [
  ...uses("services/orders/#.ts", "../products/product", "../../scripts/shop", "../../moleculer.config", "moleculer"),
  ...uses("services/orders/#.ts", "moleculer-web", "moleculer-db-adapter-mongo/src/index", "../../test/helpers/broker"),
  ...usesTypes("services/orders/#.ts", "../products/product", "../../bench/load"),
  ...says("services/orders/#.ts", 'export * from "../products/product";', 'await import("moleculer-web");'),
  ...says(
    "services/orders/#.ts",
    'import { Errors, type Context } from "moleculer";\nexport type C = Context | Errors;',
  ),
  ...uses("services/mail/deep/#.ts", "../../orders/order", "moleculer"),
  ...uses("examples/loyalty/#.ts", "../other/other", "../../services/orders/order", "moleculer"),
  ...uses(ROOM, "../../orders/order", "../../../scripts/shop"),
  ...uses("services/api/#.ts", "../orders/order"),
  ...uses("lib/#.ts", "../contracts/orders", "../services/orders/order", "moleculer"),
  ...usesTypes("lib/#.ts", "../contracts/orders"),
  ...uses("lib/events/#.ts", "../../contracts/index", "../../scripts/shop", "moleculer"),
  ...uses("lib/moleculer/#.ts", "../../contracts/index"),
  ...uses("lib/store/mongo/#.ts", "../../../contracts/index"),
  ...uses("contracts/#.ts", "../lib/refusal", "../lib/env", "node:fs", "../services/orders/order", "ajv"),
  ...usesTypes("contracts/#.ts", "../lib/env"),
  ...uses(RULES, "moleculer", "node:crypto", "ajv", "../../lib/env", "../../lib/store/store", "../products/product"),
  ...usesTypes(RULES, "moleculer", "node:stream", "../../lib/store/store", "../../lib/moleculer/bus"),
  ...uses(RULES, "../../lib/events/event-store"),
  ...says(RULES, 'export * from "node:fs";', 'await import("node:fs");'),
  ...uses("services/api/routing/#.rules.ts", "node:fs", "../../../lib/env", "../../orders/order"),
  ...uses("scripts/#.ts", "../test/helpers/broker"),
  ...uses("bench/servers/#.ts", "../../test/servers"),
]);

const goodImports = named("good", [
  ...uses("services/orders/#.ts", "./order", "../../contracts/orders", "../../lib/events/event-store", "node:path"),
  ...usesTypes("services/orders/#.ts", "moleculer"),
  ...uses(ROOM, "./body", "../routing/route", "../../../contracts/orders", "../../../lib/race", "moleculer-web"),
  ...uses("services/api/#.ts", "moleculer-web", "./http/body", "../../lib/race"),
  ...uses("examples/loyalty/#.ts", "../../contracts/orders", "../../lib/refusal"),
  ...uses("lib/#.ts", "./errors", "./store/store"),
  ...usesTypes("lib/#.ts", "moleculer"),
  ...uses("lib/events/#.ts", "../race", "../store/store"),
  ...uses("lib/moleculer/#.ts", "moleculer", "../errors"),
  ...uses("lib/store/mongo/#.ts", "moleculer-db-adapter-mongo/src/index", "../../addresses"),
  ...uses("contracts/#.ts", "./common", "../lib/contract", "@sinclair/typebox"),
  ...usesTypes("contracts/#.ts", "../lib/refusal"),
  ...uses(RULES, "./order", "../../contracts/versions", "../../lib/refusal", "../../lib/contract"),
  ...usesTypes(RULES, "../../lib/events/event-store", "../../contracts/orders"),
  ...uses("test/integration/#.test.ts", "../helpers/broker", "../../services/orders/order", "moleculer"),
]);

const LINES = "eslint(max-lines)";
const CYCLE = "import(no-cycle)";
const GLOBALS = "eslint(no-restricted-globals)";
const PROPERTIES = "eslint(no-restricted-properties)";
const ANY = "typescript(no-explicit-any)";
const REQUIRE = "typescript(no-require-imports)";
const TYPES = "typescript(consistent-type-imports)";

const bad: readonly [rule: string, path: string, text: string][] = [
  [LINES, "lib/long.ts", "// x\n".repeat(200) + "export {};\n"],
  [CYCLE, "lib/cycle-a.ts", 'import { b } from "./cycle-b";\nexport const a = () => b;\n'],
  [CYCLE, "lib/types-a.ts", 'import type { B } from "./types-b";\nexport type A = B;\n'],
  [ANY, "lib/any-of-a-variable.ts", "export let x: any;\n"],
  [ANY, "services/orders/any-of-a-cast.ts", "export const x = (y: unknown) => y as any;\n"],
  [ANY, "test/any-in-a-list.ts", "export const f = (): Record<string, any>[] => [];\n"],
  [REQUIRE, "services/orders/require.ts", 'export const x = require("../products/product");\n'],
  [REQUIRE, "examples/loyalty/require.ts", 'export const x = require("node:fs");\n'],
  [TYPES, "services/orders/type.ts", 'export type X = import("moleculer").Context;\n'],
  ...[
    "process.env",
    "globalThis.process",
    "global.process",
    "crypto.randomUUID()",
    "performance.now()",
    "setTimeout(Math.max, 1)",
    "setInterval(Math.max, 1)",
    'fetch("http://a")',
  ].map((text, index) => [GLOBALS, `services/orders/global${index}.rules.ts`, `export const x = ${text};\n`] as const),
  [PROPERTIES, "services/api/race.ts", "export const x = Promise.race([]);\n"],
  [PROPERTIES, "test/e2e/race.test.ts", "export const x = Promise . race([]);\n"],
  [PROPERTIES, "services/api/race.rules.ts", "export const x = Promise.race([]);\n"],
  [PROPERTIES, "services/api/clock.rules.ts", "export const x = Date.now();\n"],
  [PROPERTIES, "examples/loyalty/dice.rules.ts", "export const x = Math.random();\n"],
].map(([rule = "", path = "", text = ""]) => [rule, path, text]);

const good: readonly [rule: string, path: string, text: string][] = [
  [LINES, "lib/short.ts", "\n".repeat(199) + "export {};\n"],
  [CYCLE, "lib/line-a.ts", 'import { b } from "./line-b";\nexport const a = () => b;\n'],
  [ANY, "lib/no-any.ts", '// any\nexport const many = "any";\nvoid Promise.any([]);\n'],
  [ANY, "lib/moleculer/service.ts", "export let x: any;\n"],
  [REQUIRE, "test/require.ts", 'export const x = require("node:fs");\n'],
  [PROPERTIES, "lib/race.ts", "export const x = Promise.race([]);\n"],
  [PROPERTIES, "lib/no-race.ts", "// Promise.race\nexport const x = Promise.all([]);\n"],
  [GLOBALS, "services/orders/told.rules.ts", "export const x = (now: Date) => new Date(now.getTime() + 1);\n"],
  [GLOBALS, "services/orders/clock.ts", "export const x = () => [process.env, Date.now(), Math.random()];\n"],
];

const others: Example[] = [
  ["lib/cycle-b.ts", 'import { a } from "./cycle-a";\nexport const b = () => a;\n'],
  ["lib/types-b.ts", 'import type { A } from "./types-a";\nexport type B = A[];\n'],
  ["lib/line-b.ts", "export const b = 1;\n"],
];

let found: ReadonlyMap<string, readonly string[]>;

beforeAll(() => {
  const examples = [...bad, ...good].map(([, path, text]): Example => [path, text]);
  found = lint([...badImports, ...goodImports, ...examples, ...others]);
});

test.each(badImports)("%s must not say %j", path => expect(found.get(path)).toContain(IMPORTS));

test.each(goodImports)("%s may say %j", path => expect(found.get(path) ?? []).not.toContain(IMPORTS));

test.each(bad)("%s is broken by %s, which says %j", (rule, path) => expect(found.get(path)).toContain(rule));

test.each(good)("%s is kept by %s, which says %j", (rule, path) => expect(found.get(path) ?? []).not.toContain(rule));
