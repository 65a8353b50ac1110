// The server that the tests run on is called by its name: SecantusDB speaks MongoDB's protocol, and is not MongoDB.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.(ts|md)$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name));

const read = (path: string) => readFileSync(path, "utf8");

test("no text or title says that a test ran on MongoDB", () => {
  const wrong =
    /real (?:NATS and )?MongoDB|(?<!no result )on MongoDB [`"]|MongoDB (?:test )?server for tests|MongoDB test server/i;
  const files = ["README.md", "CONTRIBUTING.md", ...["docs", "test", "scripts", "bench"].flatMap(filesIn)];
  expect(files.filter(path => path !== "test/unit/test-database.test.ts" && wrong.test(read(path)))).toEqual([]);
});

test.each(["README.md", "CONTRIBUTING.md", "docs/guarantees.md"])(
  "%s names SecantusDB, and says that no result on a MongoDB exists",
  path => {
    const text = read(path).replaceAll("\n", " ");
    expect(text).toMatch(/SecantusDB/);
    expect(text).toMatch(/no result (?:of that|on a MongoDB) exists yet/i);
    expect(text).toMatch(/MONGO_URL=\S* ?npm test/);
  },
);
