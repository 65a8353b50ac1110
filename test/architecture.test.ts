// The rules of the house, checked on every file; and each rule seen to fail on a small bad example.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  appendsWhatItLoaded,
  cyclesIn,
  hasNoAny,
  isNarrow,
  importsOf,
  isNoBarrel,
  isShort,
  layers,
  opensWithASentence,
  racesWithRaceTimer,
  type Rule,
  type Sources,
  violationsIn,
} from "./helpers/architecture";

const FOLDERS = ["contracts", "lib", "services", "examples", "scripts", "bench", "test"];
const CODE = /\.(ts|js|mjs)$/;

const codeIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && CODE.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name).replaceAll("\\", "/"));

const sources: Sources = new Map(
  [...FOLDERS.flatMap(codeIn), ...readdirSync(".").filter(name => CODE.test(name))]
    .filter(path => !path.includes("node_modules"))
    .map(path => [path, readFileSync(path, "utf8")]),
);

const example = (files: Readonly<Record<string, string>>): Sources => new Map(Object.entries(files));
const broken = (rules: readonly Rule[], files: Readonly<Record<string, string>>) => violationsIn(example(files), rules);

describe("every file of the project", () => {
  test("is found", () => {
    expect([...sources.keys()]).toEqual(
      expect.arrayContaining([
        "lib/moleculer/service.ts",
        "services/orders/order.ts",
        "scripts/run.mjs",
        "moleculer.config.ts",
        "test/architecture.test.ts",
      ]),
    );
  });
  test("has at most 200 lines", () => expect(violationsIn(sources, [isShort])).toEqual([]));
  test("has no line wider than 120 characters", () => expect(violationsIn(sources, [isNarrow])).toEqual([]));
  test("opens with a sentence on what it is for", () =>
    expect(violationsIn(sources, [opensWithASentence])).toEqual([]));
  test("does without any", () => expect(violationsIn(sources, [hasNoAny])).toEqual([]));
  test("has something of its own to say", () => expect(violationsIn(sources, [isNoBarrel])).toEqual([]));
  test("appends only to what it has loaded", () => expect(violationsIn(sources, [appendsWhatItLoaded])).toEqual([]));
  test("ends the timer of each race", () => expect(violationsIn(sources, [racesWithRaceTimer])).toEqual([]));
  test("imports only what its layer may know", () => expect(violationsIn(sources, layers)).toEqual([]));
  test("is in no cycle of imports", () => expect(cyclesIn(sources)).toEqual([]));
});

describe("the checks themselves", () => {
  test("see a file that is too long", () => {
    expect(broken([isShort], { "lib/a.ts": "x\n".repeat(201) })).toEqual(["lib/a.ts: has 201 lines, more than 200"]);
    expect(broken([isShort], { "lib/a.ts": "x\n".repeat(200) })).toEqual([]);
  });

  test.each(["const x = 1;\n// Late.\n", "// lower case.\n", "// No full stop\nx;\n", "/** Another kind. */\n"])(
    "see that %j opens with no sentence",
    text => {
      expect(broken([opensWithASentence], { "lib/a.ts": text })).toHaveLength(1);
    },
  );

  test.each(["let x: any;", "f<any>();", "x as any;", "type T = Record<string, any>;", "function f(): any[] {}"])(
    "see the any in %j",
    text => {
      expect(broken([hasNoAny], { "lib/a.ts": text })).toEqual(["lib/a.ts: uses any"]);
      expect(broken([hasNoAny], { "lib/moleculer/service.ts": text })).toEqual([]);
    },
  );

  test.each([
    "// any",
    "/* of any kind */",
    'say("any");',
    "expect.any(String);",
    "Promise.any([]);",
    "const many = 1;",
  ])("see no any in %j", text => {
    expect(broken([hasNoAny], { "lib/a.ts": text })).toEqual([]);
  });

  test("see a version that is written by hand", () => {
    expect(
      broken([appendsWhatItLoaded], { "services/orders/a.ts": "append([{ stream, expectedVersion: 3, events }]);" }),
    ).toHaveLength(1);
    expect(broken([appendsWhatItLoaded], { "services/orders/a.ts": "append([order.append(events)]);" })).toEqual([]);
  });

  test("see a race that is run by hand", () => {
    const text = "await Promise.race([work, late]);";
    expect(broken([racesWithRaceTimer], { "services/api/a.ts": text })).toHaveLength(1);
    expect(broken([racesWithRaceTimer], { "test/e2e/a.test.ts": text })).toHaveLength(1);
    expect(
      broken([racesWithRaceTimer], {
        "lib/race.ts": text,
        "lib/a.ts": "// Promise.race\nawait raceTimer(work, 5, late);",
      }),
    ).toEqual([]);
  });

  test("see a barrel, but not a file that also says something", () => {
    expect(
      broken([isNoBarrel], { "lib/a.ts": '// All.\nexport * from "./b";\nexport { c } from "./c";\n' }),
    ).toHaveLength(1);
    expect(
      broken([isNoBarrel], { "lib/a.ts": 'import { b } from "./b";\nexport type { C } from "./c";\nexport { b };\n' }),
    ).toHaveLength(1);
    expect(broken([isNoBarrel], { "lib/a.ts": 'export { b } from "./b";\nexport const c = 1;\n' })).toEqual([]);
  });

  test.each([
    ["services/orders/order-list.ts", 'import { rule } from "../products/product";'],
    ["services/orders/order-list.ts", 'import type { rule } from "../products/product";'],
    ["services/orders/order-list.ts", 'import { start } from "../../scripts/shop";'],
    ["lib/events/feed.ts", 'import { orders } from "../../services/orders/order";'],
    ["lib/events/feed.ts", 'import type { orders } from "../../contracts/orders";'],
    ["lib/events/feed.ts", 'import { Actions } from "../../contracts/index";'],
    ["lib/events/feed.ts", 'const x = require("../../scripts/shop");'],
    ["contracts/orders.ts", 'import { Refusal } from "../lib/refusal";'],
    ["contracts/orders.ts", 'import { readFileSync } from "node:fs";'],
    ["services/orders/order.rules.ts", 'import { randomUUID } from "node:crypto";'],
    ["services/orders/order.rules.ts", 'import type { Context } from "moleculer";'],
    ["services/orders/order.rules.ts", 'import type { Store } from "../../lib/store/store";'],
    ["services/orders/order.rules.ts", 'import { EventStore } from "../../lib/events/event-store";'],
    ["services/orders/order.rules.ts", 'export * from "node:fs";'],
    ["services/orders/orders.service.ts", 'import { Errors, type Context } from "moleculer";'],
    ["services/orders/orders.service.ts", 'const x = await import("moleculer-web");'],
    ["lib/race.ts", 'import Moleculer from "moleculer";'],
    ["scripts/shop.ts", 'import { broker } from "../test/helpers/broker";'],
  ])("see that %s must not say %s", (path, text) => {
    expect(broken(layers, { [path]: text, "lib/store/store.ts": "", "lib/events/event-store.ts": "" })).not.toEqual([]);
  });

  test.each([
    [
      "services/orders/order.rules.ts",
      'import type { RecordedOf } from "../../lib/events/event-store";\nimport { type FieldError, Refusal } from "../../lib/refusal";',
    ],
    [
      "services/orders/orders.service.ts",
      'import type { ServiceSchema } from "moleculer";\nimport { join } from "node:path";\nimport { orders } from "../../contracts/orders";',
    ],
    ["lib/moleculer/bus.ts", 'import Moleculer from "moleculer";'],
    ["contracts/refusals.ts", 'import type { FieldError } from "../lib/refusal";'],
    ["services/api/moleculer-web.ts", 'import web from "moleculer-web";'],
    [
      "test/shop.test.ts",
      'import { orders } from "../services/orders/order";\nimport { ServiceBroker } from "moleculer";',
    ],
  ])("let %s say %s", (path, text) => {
    const there = {
      "lib/events/event-store.ts": "",
      "lib/refusal.ts": "",
      "contracts/orders.ts": "",
      "contracts/index.ts": "",
      "services/orders/order.ts": "",
    };
    expect(broken(layers, { ...there, [path]: text })).toEqual([]);
  });

  test("see a cycle, also one of types, and one that is closed by require", () => {
    expect(
      cyclesIn(example({ "lib/a.ts": 'import { b } from "./b";', "lib/b.ts": 'import type { a } from "./a";' })),
    ).toEqual(["lib/a.ts → lib/b.ts → lib/a.ts"]);
    expect(
      cyclesIn(
        example({
          "lib/a.ts": 'import { b } from "./b";',
          "lib/b.ts": 'require("./c");',
          "lib/c.ts": 'import("./a.js");',
        }),
      ),
    ).toHaveLength(1);
    expect(
      cyclesIn(
        example({
          "lib/a.ts": 'import { b } from "./b";\nimport { c } from "./c";',
          "lib/b.ts": 'import { c } from "./c";',
          "lib/c.ts": "",
        }),
      ),
    ).toEqual([]);
  });

  test("read imports that span lines, and pass over those in comments", () => {
    const text =
      '// import { x } from "./x";\nimport {\n  one,\n  type Two,\n} from "./b";\nimport Default, { type Three } from "./c";\nimport "./d";\n';
    expect(importsOf("lib/a.ts", example({ "lib/a.ts": text, "lib/b.ts": "" }))).toEqual([
      { from: "./b", file: "lib/b.ts", typesOnly: false },
      { from: "./c", file: "lib/c", typesOnly: false },
      { from: "./d", file: "lib/d", typesOnly: false },
    ]);
  });
});
