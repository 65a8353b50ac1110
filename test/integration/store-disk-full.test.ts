// A disk that is full: the write that fails says so, and the embedded store serves exactly what was acknowledged.
import { spawnSync } from "node:child_process";
import fs, { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Store, StoreUnavailable } from "../../lib/store/store";
import { openEmbeddedStore } from "../../lib/store/embedded/embedded-store";

let folder: string;
let store: Store | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jangteo-full-"));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await store?.close();
  rmSync(folder, { recursive: true });
});

const open = async () => {
  store = await openEmbeddedStore(folder);
  return store.collection<{ _id: string }>("items");
};

const idsIn = async (items: Awaited<ReturnType<typeof open>>) =>
  (await items.find({ sort: ["_id"] })).map(({ _id }) => _id);

/**
 * Runs `script` in a process whose files may not grow over 64 KiB (POSIX counts blocks of 512 bytes); its last line is
 * JSON.
 */
const withFileLimit = <T>(script: string): T => {
  const program = `
    const { openEmbeddedStore } = require("./dist/lib/store/embedded/embedded-store.js");
    const item = (id, length = 2000) => ({ _id: id, text: "x".repeat(length) });
    const refusalOf = promise => promise.then(() => "none", error => error.name);
    (async () => {
      const store = await openEmbeddedStore(process.argv[1]);
      const items = await store.collection("items");
      ${script}
      await store.close();
      process.stdout.write(JSON.stringify(result));
    })();`;
  const { stdout, stderr } = spawnSync(
    "/bin/sh",
    ["-c", 'ulimit -f 128; exec "$0" -e "$1" "$2"', process.execPath, program, folder],
    { encoding: "utf8", timeout: 30_000 },
  );
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as T;
};

const NO_ROOM = "a write that the disk has no room for is refused, and the store serves exactly what was acknowledged";
test(NO_ROOM, async () => {
  const { acknowledged, refusal, afterwards, again, ping, small } = withFileLimit<{
    acknowledged: string[];
    refusal: string;
    afterwards: string[];
    again: string;
    ping: string;
    small: string;
  }>(`
    const acknowledged = [];
    let refusal = "none";
    while (refusal === "none") {
      const id = "item" + String(acknowledged.length).padStart(3, "0");
      refusal = await refusalOf(items.insert(item(id)));
      if (refusal === "none") acknowledged.push(id);
    }
    const afterwards = (await items.find({ sort: ["_id"] })).map(({ _id }) => _id);
    const again = await refusalOf(items.insert(item("again")));
    await new Promise(resolve => setTimeout(resolve, 1100));
    const ping = await refusalOf(store.ping());
    await items.remove("item000");
    const small = await refusalOf(items.insert(item("small", 10)));
    const result = { acknowledged, refusal, afterwards, again, ping, small };`);
  expect(acknowledged.length).toBeGreaterThan(20);
  expect({ refusal, again, ping, small }).toEqual({
    refusal: "StoreUnavailable",
    again: "StoreUnavailable",
    ping: "none",
    small: "none",
  });
  expect(afterwards).toEqual(acknowledged);
  expect(await idsIn(await open())).toEqual([...acknowledged.slice(1), "small"]);
});

test("whatever runs beside a failed write sees nothing of it", async () => {
  const { outcomes, reads } = withFileLimit<{ outcomes: [string, string][]; reads: (string | boolean)[] }>(`
    const ids = Array.from({ length: 60 }, (_, n) => "item" + n);
    const writes = ids.map(async id => [id, await refusalOf(items.insert(item(id)))]);
    const reads = ids.map(id => items.get(id).then(found => found !== null, error => error.name));
    const result = { outcomes: await Promise.all(writes), reads: await Promise.all(reads) };`);
  const found = await idsIn(await open());
  const acknowledged = outcomes.filter(([, refusal]) => refusal === "none").map(([id]) => id);
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(outcomes.some(([, refusal]) => refusal === "StoreUnavailable")).toBe(true);
  for (const id of acknowledged) expect(found).toContain(id);
  for (const [index, [id]] of outcomes.entries()) if (reads[index] === true) expect(found).toContain(id);
});

test("a file that outgrew the disk by rewriting shrinks again and goes on", async () => {
  const { refusals, last } = withFileLimit<{ refusals: number; last: number }>(`
    await items.insert({ _id: "counter", text: "", writes: 0 });
    let refusals = 0;
    for (let n = 0; n < 4000; n += 1) {
      if (await refusalOf(items.update({ _id: "counter" }, { $inc: { writes: 1 } })) === "none") continue;
      refusals += 1;
      await new Promise(resolve => setTimeout(resolve, 1100));
    }
    const result = { refusals, last: (await items.get("counter")).writes };`);
  expect(refusals).toBeGreaterThan(1);
  expect(last).toBe(4000 - refusals);
});

const ROOM_AGAIN =
  "when there is room again at once, the writes that waited behind the failed one do not land on its half of a line";
test(ROOM_AGAIN, async () => {
  const items = await open();
  await items.insert({ _id: "a" });
  const write = fs.writeSync;
  jest.spyOn(fs, "writeSync").mockImplementationOnce((handle, bytes) => {
    write(handle, bytes.slice(0, 15));
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  });
  const outcomes = await Promise.allSettled(["b", "c", "d"].map(_id => items.insert({ _id })));
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(StoreUnavailable) });
  expect(await idsIn(items)).toEqual(["a"]);
  await items.insert({ _id: "e" });
  await store?.close();
  expect(await idsIn(await open())).toEqual(["a", "e"]);
});
