// A read model is never behind when it is read, and right whatever happens to those who keep it.
import { LogChanged } from "../../lib/events/checkpoint";
import { StoreUnavailable } from "../../lib/store/store";
import { aroundStore, openOnce } from "../helpers/around-store";
import { eventually } from "../helpers/eventually";
import { sharedStore } from "../helpers/instances";
import { randomFrom } from "../helpers/random";
import { byTheLog, openInstance, shownBy, things, writeHistory } from "../helpers/shelf";
import { temporaryStore } from "../helpers/store";

const empty = async () => openOnce(await temporaryStore());

test("a reader sees what was acknowledged to anyone before he asked, whoever wrote it", async () => {
  const store = await empty();
  const [writer, reader] = [await openInstance(store), await openInstance(store)];
  const random = randomFrom(1);
  for (let round = 0; round < 10; round += 1) {
    await writeHistory(writer.log, 3, random);
    expect(await shownBy(reader.model)).toEqual(await byTheLog(writer.log));
  }
});

test("readers at once share one catching up, and a reader with nothing new writes nothing", async () => {
  const seen: string[] = [];
  const store = aroundStore(await empty(), ({ on, method }, work) => {
    seen.push(`${on}.${method}`);
    return work();
  });
  const { log, model } = await openInstance(store);
  await writeHistory(log, 30, randomFrom(2));
  seen.length = 0;
  await Promise.all(Array.from({ length: 50 }, () => model.read(async () => undefined)));
  expect(seen.filter(one => one === "log.read")).toHaveLength(1);
  expect(seen.filter(one => one === "things-1.putNewer")).toHaveLength(1);
  seen.length = 0;
  await model.read(async () => undefined);
  expect(seen.sort()).toEqual(["log.head", "models.get"]);
});

test.each(["things-1-counts", "things-1", "checkpoints"])(
  "a batch that fails to write %s is brought in once",
  async on => {
    let isFull = false;
    const store = aroundStore(await empty(), async (operation, work) => {
      if (isFull && operation.on === on && operation.method !== "find")
        throw new StoreUnavailable("The process is killed.");
      return work();
    });
    for (let seed = 1; seed <= 5; seed += 1) {
      const { log, model } = await openInstance(store);
      await writeHistory(log, 12, randomFrom(seed));
      isFull = true;
      await expect(shownBy(model)).rejects.toThrow(StoreUnavailable);
      await writeHistory(log, 3, randomFrom(seed + 100));
      isFull = false;
      const next = await openInstance(store);
      for (const one of [next.model, model]) expect(await shownBy(one)).toEqual(await byTheLog(log));
    }
  },
);

test.each([1, 2, 3, 4])("instances that catch up at the same time do each other no harm (%i)", async seed => {
  const store = sharedStore(await temporaryStore(), seed);
  const instances = [await openInstance(store), await openInstance(store), await openInstance(store)];
  const [first] = instances;
  if (!first) throw new Error("There is one.");
  const written = new AbortController();
  const reading = instances.map(async ({ model }) => {
    while (!written.signal.aborted) await shownBy(model);
  });
  await writeHistory(first.log, 60, randomFrom(seed));
  written.abort();
  await Promise.all(reading);
  for (const { model } of instances) expect(await shownBy(model)).toEqual(await byTheLog(first.log));
});

test("an entry that was lost, or is ahead, is made from the log", async () => {
  const store = await empty();
  const { log, model } = await openInstance(store);
  await writeHistory(log, 20, randomFrom(5));
  await shownBy(model);
  const entries = await store.collection("things-1", things.shape);
  for (const { _id } of await entries.find({ limit: 6 })) await entries.remove(_id);
  await writeHistory(log, 60, randomFrom(6));
  expect(await shownBy(model)).toEqual(await byTheLog(log));
});

test("what others write is brought in without a reader, too", async () => {
  const store = await empty();
  const [writer, keeper] = [await openInstance(store), await openInstance(store)];
  await keeper.model.begin(() => undefined);
  await writeHistory(writer.log, 5, randomFrom(7));
  keeper.model.nudge();
  const checkpoints = await store.collection<{ _id: string; position: number }>("checkpoints");
  await eventually("the model is caught up", async () => (await checkpoints.get("things-1"))?.position === 5);
  await keeper.model.stop();
});

test("a log that is not the one that is shown stops the model, and its readers are told", async () => {
  const store = await empty();
  const { log, model } = await openInstance(store);
  await writeHistory(log, 3, randomFrom(8));
  await shownBy(model);
  const checkpoints = await store.collection("checkpoints");
  await checkpoints.update({ _id: "things-1" }, { $set: { position: 9, commit: "of a log that was lost" } });
  const { model: next } = await openInstance(store);
  const errors: unknown[] = [];
  await next.begin(error => errors.push(error));
  await next.stop();
  expect(errors).toEqual([expect.any(LogChanged)]);
  expect(next.trouble).toMatch(/ends at 3 and was followed to 9/);
  await expect(shownBy(next)).rejects.toThrow(StoreUnavailable);
});

test("readers go over to another generation of the model as soon as it is the one that is shown", async () => {
  const store = await empty();
  const { log, model } = await openInstance(store);
  await writeHistory(log, 5, randomFrom(9));
  await shownBy(model);
  const models = await store.collection("models");
  await models.update({ _id: "things" }, { $set: { generation: "things-2" } });
  expect(await shownBy(model)).toEqual(await byTheLog(log));
  await store.drop("things-1");
  await store.drop("things-1-counts");
  expect(await shownBy(model)).toEqual(await byTheLog(log));
});
