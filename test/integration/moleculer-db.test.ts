// The tests that moleculer-db has for its own adapter, from its package, run against ours: unit and with its mixin.
import { Database } from "../../lib/store/sqlite/database";
import { SqliteAdapter } from "../../lib/store/sqlite/sqlite-adapter";

const adapterFile = require.resolve("moleculer-db/src/memory-adapter");
const suites = require.resolve("moleculer-db/package.json").replace("package.json", "test");

// What they take for the adapter is ours; what they take for a database that is open already is ours, too.
jest.mock("moleculer-db/src/memory-adapter", () => {
  const { SqliteAdapter: Ours } = require("../../lib/store/sqlite/sqlite-adapter") as { SqliteAdapter: unknown };
  return Ours;
});
jest.mock("@seald-io/nedb", () => {
  const ours = require("../../lib/store/sqlite/database") as { Database: { inMemory(): unknown } };
  return function Datastore() {
    return ours.Database.inMemory();
  };
});

test("it is our adapter that they are given", () => {
  expect(require(adapterFile)).toBe(SqliteAdapter);
  const Datastore = require("@seald-io/nedb") as new () => unknown;
  expect(new Datastore()).toBeInstanceOf(Database);
});

for (const suite of [
  "unit/memory-adapter.spec",
  "integration/crud.spec",
  "integration/idField.test",
  "integration/populates.spec",
])
  describe(suite, () => {
    require(`${suites}/${suite}.js`);
  });
