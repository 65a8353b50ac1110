// What the log of a store promises, whichever store it is: the scenarios that run against both.
import { AppendConflict, type Log } from "../../lib/store/log";
import { type Store, StoreUnavailable } from "../../lib/store/store";
import { disorderIn, draft, event, keysIn } from "../helpers/log-drafts";
import { raceScenarios } from "./log-races";
import type { Database } from "./store-scenarios";

/** The scenarios over one database, whose log grows from one to the next. */
export const logScenarios = (database: () => Database) => () => {
  let stores: Store[] = [];
  let log: Log;
  let other: Log;
  let scenarios = 0;

  const openLog = async (): Promise<Log> => {
    const store = await database().open();
    stores.push(store);
    return store.log();
  };

  beforeAll(async () => {
    [log, other] = await Promise.all([openLog(), openLog()]);
  });
  beforeEach(() => {
    scenarios += 1;
  });
  afterAll(async () => {
    await Promise.all(stores.map(store => store.close()));
    stores = [];
    await database().remove();
  });

  const stream = (name: string) => `${name}${scenarios}`;

  test("an empty log begins at 0 and has nothing", async () => {
    expect(await log.head()).toBe(0);
    expect(await log.read(0, 10)).toEqual([]);
    expect([await log.at(0), await log.at(1)]).toEqual([null, null]);
  });

  test("a commit comes back as it was written, to whoever reads", async () => {
    const a = stream("a");
    const { id } = draft({});
    const events = [event(a, 1, { text: "$set\u0000\u{1F6D2}", none: null }), event(a, 2, [1.5, { b: "한" }])];
    const metadata = { requestId: "r", actorId: "u" };
    expect(await log.append({ id, events, before: [], metadata })).toMatchObject({ id, events, metadata });
    for (const reader of [log, other]) {
      expect(await reader.stream(a, 0)).toMatchObject([{ id, events, metadata }]);
      const position = await reader.head();
      expect(await reader.read(position - 1, 10)).toStrictEqual([{ id, events, metadata, position }]);
      expect(await reader.at(position)).toBe(id);
      expect(await reader.at(position + 1)).toBeNull();
    }
  });

  test("of twenty writers at one version, in two processes, exactly one wins, and the others are told", async () => {
    const a = stream("a");
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? log : other).append(draft({ [a]: 1 }))),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(AppendConflict);
    expect(await log.stream(a, 0)).toHaveLength(1);
  });

  test("no stream gets a gap", async () => {
    const a = stream("a");
    await expect(log.append(draft({ [a]: 2 }))).rejects.toBeInstanceOf(AppendConflict);
    await log.append(draft({ [a]: 1 }));
    await expect(log.append(draft({ [a]: 3 }))).rejects.toBeInstanceOf(AppendConflict);
    await other.append(draft({ [a]: 2 }));
    expect(keysIn(await log.stream(a, 0))).toEqual([`${a}:1`, `${a}:2`]);
  });

  test("a commit is refused that was decided on another one than stands there", async () => {
    const a = stream("a");
    const first = await log.append(draft({ [a]: 1 }));
    const next = (commit: string) => ({ ...draft({ [a]: 2 }), before: [{ stream: a, version: 1, commit }] });
    await expect(log.append(next("another"))).rejects.toBeInstanceOf(AppendConflict);
    await other.append(next(first.id));
    expect(await log.stream(a, 0)).toHaveLength(2);
  });

  test("a commit to several streams is written to all or, when one of them moved on, to none", async () => {
    const [a, b] = [stream("a"), stream("b")];
    await log.append(draft({ [b]: 1 }));
    await expect(other.append(draft({ [a]: 1, [b]: 1 }))).rejects.toBeInstanceOf(AppendConflict);
    expect(await log.stream(a, 0)).toEqual([]);
    const both = await other.append(draft({ [a]: 1, [b]: 2 }));
    expect((await log.stream(a, 0)).map(({ id }) => id)).toEqual([both.id]);
    expect(keysIn(await log.stream(b, 1))).toEqual([`${a}:1`, `${b}:2`]);
  });

  test("a commit that is repeated is the first one, also when it is decided anew, and is written once", async () => {
    const a = stream("a");
    const from = await log.head();
    const first = draft({ [a]: 1 });
    await Promise.all(Array.from({ length: 6 }, (_, index) => (index % 2 ? log : other).append(first)));
    await log.append(draft({ [a]: 2 }));
    for (const repeat of [first, draft({ [a]: 3 }, first.id), draft({ [a]: 9 }, first.id)])
      expect(await other.append(repeat)).toMatchObject({ id: first.id, events: first.events });
    expect(await log.head()).toBe(from + 2);
  });

  test("a stream is read from a version on, and says how far it came and by which commit, at any length", async () => {
    const [a, b] = [stream("a"), stream("b")];
    expect([await log.tip(a), await log.commitAt(a, 1), await log.stream(a, 0)]).toEqual([null, null, []]);
    const ids: string[] = [];
    for (let version = 1; version <= 100; version += 1)
      ids.push((await log.append(draft(version % 10 ? { [a]: version } : { [b]: version / 10, [a]: version }))).id);
    expect(await other.tip(a)).toEqual({ version: 100, commit: ids[99] });
    expect(await other.tip(b)).toEqual({ version: 10, commit: ids[99] });
    expect([await other.commitAt(a, 37), await other.commitAt(b, 3)]).toEqual([ids[36], ids[29]]);
    expect(await other.commitAt(a, 101)).toBeNull();
    for (const after of [0, 1, 42, 99, 100])
      expect((await other.stream(a, after)).map(({ id }) => id)).toEqual(ids.slice(after));
  });

  test("a commit of several events in a stream is one, wherever in it reading begins", async () => {
    const a = stream("a");
    const many = Array.from({ length: 30 }, (_, index) => event(a, index + 1));
    const { id } = await log.append({ id: draft({}).id, events: many, before: [] });
    const next = await log.append(draft({ [a]: 31 }));
    expect((await other.stream(a, 12)).map(commit => commit.id)).toEqual([id, next.id]);
    expect((await other.stream(a, 30)).map(commit => commit.id)).toEqual([next.id]);
    expect([await other.commitAt(a, 1), await other.commitAt(a, 30)]).toEqual([id, id]);
    expect(await other.tip(a)).toEqual({ version: 31, commit: next.id });
  });

  test("the log is read in pages, without gaps", async () => {
    const from = await log.head();
    const written: string[] = [];
    for (let n = 0; n < 25; n += 1) written.push((await log.append(draft({ [stream(`s${n}`)]: 1 }))).id);
    const pages = [];
    for (let after = from; after < from + 25; after += 10) pages.push(await other.read(after, 10));
    expect(pages.map(page => page.length)).toEqual([10, 10, 5]);
    expect(pages.flat().map(({ id }) => id)).toEqual(written);
    expect(disorderIn(pages.flat(), from)).toEqual([]);
    expect(await other.read(from + 25, 10)).toEqual([]);
  });

  raceScenarios(() => ({ log, other, stream }));

  test("its id and what was acknowledged are there when it is opened again; a closed store refuses all", async () => {
    const head = await log.head();
    const { id } = await log.append(draft({ [stream("a")]: 1 }));
    await Promise.all(stores.splice(0).map(store => store.close()));
    for (const call of [log.head(), log.append(draft({ [stream("b")]: 1 })), log.read(0, 1), log.tip(stream("a"))])
      await expect(call).rejects.toBeInstanceOf(StoreUnavailable);
    const reopened = await openLog();
    expect([reopened.id, reopened.id]).toEqual([log.id, other.id]);
    expect(await reopened.head()).toBe(head + 1);
    expect(await reopened.at(head + 1)).toBe(id);
  });
};
