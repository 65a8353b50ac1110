// A run of all tests fails when a test leaves something open, in Jest's own words.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { complaintIn, runJest } from "../run/jest";
import { temporaryFolder } from "../helpers/broker";

test.each([
  "Jest did not exit one second after the test run has completed.",
  "Cannot log after tests are done. Did you forget to wait for something async in your test?",
])("%s", said => expect(complaintIn(`Tests: 1 passed\n\n${said}\n`)).toBe(complaintIn(said)));

test("that a worker took longer than Jest's half second to end is no complaint: a busy machine does that", () =>
  expect(complaintIn("A worker process has failed to exit gracefully and has been force exited.")).toBeUndefined());

test("a clean end is no complaint", () =>
  expect(complaintIn("Tests: 1 passed\nRan all test suites.\n")).toBeUndefined());

test("a run with an open handle is heard, and ended", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "test"));
  writeFileSync(join(folder, "jest.config.js"), "module.exports = {};");
  writeFileSync(join(folder, "test", "a.test.js"), 'test("a", () => { require("net").createServer().listen(0); });');
  writeFileSync(join(folder, "test", "b.test.js"), 'test("b", () => undefined);');
  const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  const complaint = await runJest(["--rootDir", folder, "--config", join(folder, "jest.config.js"), "--runInBand"]);
  write.mockRestore();
  expect(complaint).toMatch(/^Jest did not exit/);
});
