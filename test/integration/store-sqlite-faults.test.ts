// Disks and folders that do not let a SQLite store write, and neighbours that keep it busy.
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../helpers/broker";
import { disorderIn, draft } from "../helpers/log-drafts";
import { inProcess } from "../helpers/store-process";
import { closeStore, temporaryStore } from "../helpers/store";

/** POSIX counts blocks of 512 bytes. */
const NO_FILE_OVER_1_MIB = "ulimit -f 2048";
const NOBODY = 65_534;

let folder: string;
beforeEach(() => {
  folder = join(temporaryFolder(), "shop");
});

interface Full {
  acknowledged: string[];
  appended: number;
  refusals: string[];
  during: { items: string[]; head: number };
  ping: string;
  bytes: number;
}

const FULL = "a write that has no room is refused, and is not there; reads go on, and writes when there is room again";
test(FULL, async () => {
  const { acknowledged, appended, refusals, during, ping, bytes } = inProcess<Full>(
    folder,
    `
    const [acknowledged, refusals] = [[], []];
    let appended = 0;
    // Larger ones, and then the small ones for which there is still room.
    for (const length of [3000, 1])
      for (let refused = 0, n = 0; refused < 10 && n < 5000; n += 1) {
        const id = "item" + length + "-" + String(n).padStart(4, "0");
        const outcomes = await Promise.all([
          refusalOf(items.insert(item(id, length))),
          refusalOf(append("s", appended + 1, { text: "x".repeat(length) })),
        ]);
        if (outcomes[0] === "none") acknowledged.push(id);
        if (outcomes[1] === "none") appended += 1;
        const failed = outcomes.filter(outcome => outcome !== "none");
        refusals.push(...failed);
        refused = failed.length > 0 ? refused + 1 : 0;
      }
    const ping = await refusalOf(store.ping());
    const during = { items: (await items.find({ sort: ["_id"] })).map(({ _id }) => _id), head: await log.head() };
    const bytes = require("node:fs").statSync(folder + "/shop.sqlite").size;
    result = { acknowledged, appended, refusals, during, ping, bytes };`,
    NO_FILE_OVER_1_MIB,
  );
  expect(new Set(refusals)).toEqual(new Set(["StoreUnavailable"]));
  expect(during).toEqual({ items: acknowledged.toSorted(), head: appended });
  expect(ping).toBe("StoreUnavailable");
  // Not only the log beside the file was filled: that one is emptied into it when it has no room.
  expect(bytes).toBeGreaterThan(900_000);
  const store = await temporaryStore(folder);
  const items = await store.collection<{ _id: string; text: string }>("items");
  expect((await items.find({ sort: ["_id"] })).map(({ _id }) => _id)).toEqual(during.items);
  const log = await store.log();
  expect(disorderIn(await log.read(0, 10_000), 0)).toEqual([]);
  await log.append(draft({ s: appended + 1 }));
  await items.insert({ _id: "room", text: "x".repeat(2_000_000) });
  await store.ping();
});

test.each([
  ["a folder that is another's", 0o755, 0o644],
  ["a file that may only be read", 0o777, 0o444],
])("%s is refused in words at the start", async (_, folderMode, fileMode) => {
  const store = await temporaryStore(folder);
  await (await store.collection<{ _id: string }>("items")).insert({ _id: "a" });
  await closeStore(store);
  chmodSync(join(folder, ".."), 0o755);
  chmodSync(folder, folderMode);
  chmodSync(join(folder, "shop.sqlite"), fileMode);
  const refusal = inProcess<{ name: string; message: string }>(folder, "", ":", NOBODY);
  expect(refusal).toEqual({
    name: "StartupError",
    message: expect.stringMatching(/cannot be written: EACCES.*Set DATA_DIR to a folder that this user can write/),
  });
});
