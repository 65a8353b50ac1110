// The rules of the house that no linter knows, checked on every file; and each seen to fail on a small bad example.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  appendsWhatItLoaded,
  cyclesIn,
  isNarrow,
  importsOf,
  isNoBarrel,
  opensWithASentence,
  type Rule,
  rulesArePure,
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
  test("has no line wider than 120 characters", () => expect(violationsIn(sources, [isNarrow])).toEqual([]));
  test("opens with a sentence on what it is for", () =>
    expect(violationsIn(sources, [opensWithASentence])).toEqual([]));
  test("has something of its own to say", () => expect(violationsIn(sources, [isNoBarrel])).toEqual([]));
  test("appends only to what it has loaded", () => expect(violationsIn(sources, [appendsWhatItLoaded])).toEqual([]));
  test("is pure, if rules need it", () => expect(violationsIn(sources, [rulesArePure])).toEqual([]));
  test("is in no cycle of imports", () => expect(cyclesIn(sources)).toEqual([]));
});

describe("the checks themselves", () => {
  test.each(["const x = 1;\n// Late.\n", "// lower case.\n", "// No full stop\nx;\n", "/** Another kind. */\n"])(
    "see that %j opens with no sentence",
    text => {
      expect(broken([opensWithASentence], { "lib/a.ts": text })).toHaveLength(1);
    },
  );

  test("see a version that is written by hand", () => {
    expect(
      broken([appendsWhatItLoaded], { "services/orders/a.ts": "append([{ stream, expectedVersion: 3, events }]);" }),
    ).toHaveLength(1);
    expect(broken([appendsWhatItLoaded], { "services/orders/a.ts": "append([order.append(events)]);" })).toEqual([]);
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
    'import { randomUUID } from "node:crypto";',
    'import type { Context } from "moleculer";',
    'import type { Store } from "../../lib/store/store";',
    'import { EventStore } from "../../lib/events/event-store";',
    'export * from "node:fs";',
    "const now = new Date();",
    "const dice = Math.random();",
    "const { env } = process.env;",
  ])("see that a file which rules need, by however many steps, must not say %s", text => {
    const rules = {
      "services/orders/order.rules.ts": 'import { a } from "./order";',
      "services/orders/order.ts": 'import { b } from "./words";',
    };
    expect(broken([rulesArePure], { ...rules, "services/orders/words.ts": text })).toHaveLength(1);
    expect(broken([rulesArePure], { ...rules, "services/orders/others.ts": text })).toEqual([]);
    expect(
      broken([rulesArePure], {
        ...rules,
        "services/orders/order.ts": `import type { b } from "./words";`,
        "services/orders/words.ts": text,
      }),
    ).toEqual([]);
  });

  test("see that rules look at the clock", () => {
    expect(broken([rulesArePure], { "services/orders/order.rules.ts": "const now = new Date();" })).toHaveLength(1);
    expect(broken([rulesArePure], { "services/orders/order.rules.ts": "const at = new Date(now.getTime());" })).toEqual(
      [],
    );
  });

  test("let what rules need know contracts, refusals and types of lib", () => {
    const text = [
      'import type { RecordedOf } from "../../lib/events/event-store";',
      'import { type FieldError, Refusal } from "../../lib/refusal";',
      'import { orders } from "../../contracts/orders";',
    ].join("\n");
    const there = { "lib/events/event-store.ts": "", "lib/refusal.ts": "", "contracts/orders.ts": "" };
    const rules = { "services/orders/order.rules.ts": 'import { a } from "./order";' };
    expect(broken([rulesArePure], { ...there, ...rules, "services/orders/order.ts": text })).toEqual([]);
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
    const text = [
      '// import { x } from "./x";',
      'import {\n  one,\n  type Two,\n} from "./b";',
      'import Default, { type Three } from "./c";',
      'import "./d";\n',
    ].join("\n");
    expect(importsOf("lib/a.ts", example({ "lib/a.ts": text, "lib/b.ts": "" }))).toEqual([
      { from: "./b", file: "lib/b.ts", typesOnly: false },
      { from: "./c", file: "lib/c", typesOnly: false },
      { from: "./d", file: "lib/d", typesOnly: false },
    ]);
  });
});
