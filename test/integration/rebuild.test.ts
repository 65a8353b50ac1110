// A read model is made anew beside the live one, and takes its place only when both show the same.
import { rebuild, RebuildAbandoned, RebuildOvertaken } from "../../lib/events/rebuild";
import type { ModelDocument } from "../../lib/events/generation";
import { StoreUnavailable } from "../../lib/store/store";
import { aroundStore, openOnce } from "../helpers/around-store";
import { sharedStore } from "../helpers/instances";
import { randomFrom } from "../helpers/random";
import { byTheLog, type Entry, openInstance, shownBy, things, writeHistory } from "../helpers/shelf";
import { temporaryStore } from "../helpers/store";
import type { Counts } from "../../lib/events/counters";

const NOW = { keptMs: 0 };

const setUp = async (commits = 40) => {
  const store = openOnce(await temporaryStore());
  const instance = await openInstance(store);
  await writeHistory(instance.log, commits, randomFrom(commits));
  await shownBy(instance.model);
  const models = await store.collection<ModelDocument>("models");
  const current = async () => (await models.get("things"))?.generation ?? "";
  return { store, ...instance, models, current };
};

test("while its service reads and writes, the same model takes the place of the live one", async () => {
  const store = sharedStore(await temporaryStore(), 3);
  const instances = [await openInstance(store), await openInstance(store)] as const;
  const [{ log, model }, { model: other }] = instances;
  await writeHistory(log, 40, randomFrom(1));
  const done = new AbortController();
  const seen: unknown[] = [];
  const reading = (async () => {
    while (!done.signal.aborted) seen.push((await shownBy(other)).things.length);
  })();
  const writing = writeHistory(log, 40, randomFrom(2));
  const rebuilt = await rebuild(store, things, { keptMs: 3000 });
  await writing;
  done.abort();
  await reading;
  expect(rebuilt).toMatchObject({ outcome: "switched", entries: { differences: [] }, counts: { differences: [] } });
  expect(rebuilt.entries.checksums[0]).toBe(rebuilt.entries.checksums[1]);
  expect(new Set(seen)).not.toContain(0);
  for (const one of [model, other]) expect(await shownBy(one)).toEqual(await byTheLog(log));
  const kept = (await (await store.collection("checkpoints")).find()).map(({ _id }) => _id);
  expect(kept).toEqual([rebuilt.generation]);
});

test("a live model that shows other things than its log is replaced only when that is asked for", async () => {
  const { store, model, log, current } = await setUp();
  const entries = await store.collection<Entry>("things-1");
  const [first, second] = await entries.find({ sort: ["_id"], limit: 2 });
  if (!first || !second) throw new Error("There are some.");
  await entries.remove(first._id);
  await entries.update({ _id: second._id }, { $set: { "thing.shelf": "wrong" } });
  await entries.insert({
    _id: "thing-of-nobody",
    version: 1,
    thing: { id: "thing-of-nobody", version: 1, shelf: "a" },
  });
  await (await store.collection<Counts>("things-1-counts")).update({ _id: "all" }, { $inc: { "counts.a": 1 } });
  const rebuilt = await rebuild(store, things, NOW);
  expect(rebuilt.outcome).toBe("different");
  expect([...rebuilt.entries.differences].sort()).toEqual(
    [
      `${first._id}: nothing, anew version ${first.version}`,
      `${second._id}: version ${second.version}, anew version ${second.version}`,
      "thing-of-nobody: version 1, anew nothing",
    ].sort(),
  );
  expect(rebuilt.entries.checksums[0]).not.toBe(rebuilt.entries.checksums[1]);
  expect(rebuilt.counts.differences).toEqual([expect.stringMatching(/^all: version/)]);
  expect(await current()).toBe("things-1");
  expect((await rebuild(store, things, { ...NOW, replace: true })).outcome).toBe("switched");
  expect(await shownBy(model)).toEqual(await byTheLog(log));
});

test("fields that do not follow from the log are no difference", async () => {
  const { store } = await setUp();
  const entries = await store.collection<Entry & { tries?: number }>("things-1");
  const [first] = await entries.find({ limit: 1 });
  await entries.update({ _id: first?._id }, { $set: { tries: 3 } });
  expect((await rebuild(store, { ...things, volatile: ["tries"] }, NOW)).outcome).toBe("switched");
});

test("of two at once each makes its own, and at least one is shown", async () => {
  const { store, model, log, models, current } = await setUp();
  const both = await Promise.allSettled([rebuild(store, things, NOW), rebuild(store, things, NOW)]);
  const failures = both.flatMap(one => (one.status === "rejected" ? [one.reason as unknown] : []));
  expect(failures).toEqual([expect.any(RebuildOvertaken)]);
  expect(await current()).not.toBe("things-1");
  expect(await shownBy(model)).toEqual(await byTheLog(log));
  expect((await models.find()).filter(({ _id }) => _id.startsWith("things-") && _id !== "things-1")).toEqual([]);
});

test("one that is killed in the middle has changed nothing, and the next one clears up after it", async () => {
  const { store, model, log, models, current } = await setUp();
  for (const [on, method] of [
    [/-counts$/, "putNewer"],
    [/^checkpoints$/, "update"],
    [/^things-[0-9a-f]{8}$/, "find"],
    [/^models$/, "remove"],
  ] as const) {
    let isKilled = false;
    const dying = aroundStore(store, (operation, work) => {
      isKilled ||= on.test(operation.on) && operation.method === method;
      return isKilled ? Promise.reject(new StoreUnavailable("The process is killed.")) : work();
    });
    const drop = jest.spyOn(dying, "drop").mockRejectedValue(new StoreUnavailable("The process is killed."));
    await expect(rebuild(dying, things, NOW)).rejects.toThrow(StoreUnavailable);
    expect(drop.mock.calls.length).toBeGreaterThanOrEqual(0);
    expect(await shownBy(model)).toEqual(await byTheLog(log));
  }
  for (const { _id, seen } of await models.find()) if (seen) await models.update({ _id }, { $set: { seen: 0 } });
  await rebuild(store, things, NOW);
  expect((await models.find()).map(({ _id }) => _id)).toEqual(["things"]);
  const checkpoints = await store.collection("checkpoints");
  expect((await checkpoints.find()).map(({ _id }) => _id)).toEqual([await current()]);
  expect(await shownBy(model)).toEqual(await byTheLog(log));
});

test("one that another has taken for dead says so, and shows nothing", async () => {
  const { store, models, current } = await setUp();
  const taken = rebuild(store, things, {
    ...NOW,
    replace: true,
    onProgress: async () => {
      for (const { _id, model } of await models.find()) if (model) await models.remove(_id);
    },
  });
  await expect(taken).rejects.toThrow(RebuildAbandoned);
  expect(await current()).toBe("things-1");
});

test("a live model that is ahead of its log is replaced without a restart", async () => {
  const { store, log } = await setUp(5);
  const checkpoints = await store.collection("checkpoints");
  await checkpoints.update({ _id: "things-1" }, { $set: { position: 9, commit: "of a log that was lost" } });
  const { model } = await openInstance(store);
  await expect(shownBy(model)).rejects.toThrow(StoreUnavailable);
  const rebuilt = await rebuild(store, things, NOW);
  expect([rebuilt.outcome, rebuilt.entries.differences]).toEqual([
    "different",
    [expect.stringMatching(/does not fit its log: it ends at 5 and was followed to 9/)],
  ]);
  await rebuild(store, things, { ...NOW, replace: true });
  expect(await shownBy(model)).toEqual(await byTheLog(log));
  expect(model.trouble).toBeUndefined();
});
