// The command handler: remembers states, and is never wrong for it, whoever else writes or exchanges the log.
import { Type } from "@sinclair/typebox";
import { object } from "../../lib/contract";
import { CommandHandler } from "../../lib/events/command-handler";
import { EventStore } from "../../lib/events/event-store";
import type { Loaded } from "../../lib/events/loaded";
import type { Aggregate } from "../../lib/events/unit-of-work";
import { Refusal } from "../../lib/refusal";
import type { Collection, Document, Index, Store } from "../../lib/store/store";
import { shared, temporaryStore } from "../helpers/store";

const schemas = { Counted: object({ by: Type.String() }) };
type Schemas = typeof schemas;
const counted = (by: string) => ({ type: "Counted" as const, data: { by } });
const word: Aggregate<Schemas, string> = { initial: "", evolve: (all, { data }) => all + data.by };

/** A log in some store, and what has been read from it. */
const open = async (store: Store) => {
  const reads: string[] = [];
  const counting: Store = {
    ...store,
    collection: async <D extends Document>(name: string, indexes?: readonly Index[]) => {
      const collection = await store.collection<D>(name, indexes);
      const noted: Partial<Collection<D>> = {
        find: selection => (reads.push("find"), collection.find(selection)),
        findOne: query => (reads.push("findOne"), collection.findOne(query)),
      };
      return Object.assign(Object.create(collection) as Collection<D>, noted);
    },
  };
  const log = await EventStore.open<Schemas>(counting, () => new Date("2026-01-01T00:00:00Z"));
  return { log, handler: new CommandHandler(log), reads };
};
/** Two processes over one log. */
const openTwice = async () => {
  const store = shared(await temporaryStore());
  return [await open(store), await open(store)] as const;
};
const add = (handler: CommandHandler<Schemas>, by: string, stream = "a") =>
  handler.change(word, stream, () => [counted(by)]);
/** Adds a letter, but only to this word; refused for any other. */
const addTo = (handler: CommandHandler<Schemas>, expected: string, by: string) =>
  handler.change(word, "a", state => {
    if (state !== expected) throw new Refusal("PRECONDITION_FAILED");
    return [counted(by)];
  });

describe("a command on one stream", () => {
  test("gives the state afterwards, and the next one reads nothing", async () => {
    const { handler, reads } = await open(await temporaryStore());
    expect(await add(handler, "x")).toBe("x");
    const before = reads.length;
    expect(await add(handler, "y")).toBe("xy");
    expect(await add(handler, "z")).toBe("xyz");
    expect(reads.slice(before)).toEqual([]);
  });

  test("is decided again when somebody else was faster", async () => {
    const [one, two] = await openTwice();
    await add(one.handler, "x");
    await add(two.handler, "y");
    expect(await add(one.handler, "z")).toBe("xyz");
  });

  test("twenty at once, of two processes, all get through, each on the state before it", async () => {
    const [one, two] = await openTwice();
    const letters = Array.from({ length: 20 }, (_, index) => String.fromCodePoint(97 + index));
    const seen = await Promise.all(letters.map((by, index) => add((index % 2 ? one : two).handler, by)));
    const events = await one.log.getEvents("a");
    const whole = events.map(({ data }) => data.by).join("");
    expect(Array.from(whole).sort()).toEqual(letters);
    expect(seen.sort((a, b) => a.length - b.length)).toEqual(letters.map((_, index) => whole.slice(0, index + 1)));
    expect(events.map(({ version }) => version)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test("is refused only for what is in the log, not for what is remembered", async () => {
    const [one, two] = await openTwice();
    await add(one.handler, "x");
    await add(two.handler, "y");
    expect(await addTo(one.handler, "xy", "z")).toBe("xyz");
    await expect(addTo(two.handler, "nothing like it", "z")).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
  });

  test("does nothing only when there is nothing to do by the log", async () => {
    const [one, two] = await openTwice();
    await add(one.handler, "x");
    await add(two.handler, "y");
    expect(await one.handler.change(word, "a", state => (state === "x" ? [] : [counted("z")]))).toBe("xyz");
    expect(await one.handler.change(word, "a", () => [])).toBe("xyz");
    expect(await one.log.head()).toBe(3);
  });

  test("is not done twice when something fails after its commit", async () => {
    const [one, two] = await openTwice();
    await add(one.handler, "w");
    const attempt = one.handler.handle(async work => {
      const loaded = await work.load(word, "a");
      await work.commit([loaded.append([counted("x")])]);
      await add(two.handler, "y");
      throw new Error("afterwards");
    });
    await expect(attempt).rejects.toThrow("afterwards");
    expect((await one.handler.load(word, "a")).state).toBe("wxy");
  });

  test("keeps who asked with its commit", async () => {
    const { handler, log } = await open(await temporaryStore());
    await handler.change(word, "a", () => [counted("x")], { metadata: { requestId: "r-1", actorId: "usr_1" } });
    await add(handler, "y");
    expect((await log.read(0, 10)).map(({ metadata }) => metadata)).toEqual([
      { requestId: "r-1", actorId: "usr_1" },
      undefined,
    ]);
  });

  test("reads again what was not used for long", async () => {
    const { log, reads } = await open(await temporaryStore());
    const handler = new CommandHandler(log, { maxStates: 2 });
    for (const stream of ["a", "b", "c"]) await add(handler, "x", stream);
    const before = reads.length;
    expect(await add(handler, "y", "c")).toBe("xy");
    expect(reads).toHaveLength(before);
    expect(await add(handler, "y", "a")).toBe("xy");
    expect(reads.length).toBeGreaterThan(before);
  });

  test("begins at what a read model has", async () => {
    const { handler, log } = await open(await temporaryStore());
    await add(handler, "x");
    await add(handler, "y");
    const again = new CommandHandler(log);
    const kind = { ...word, snapshot: async () => ({ state: "shown: x", version: 1 }) };
    expect(await again.change(kind, "a", () => [counted("z")])).toBe("shown: xyz");
  });
});

describe("a log that was exchanged under the process", () => {
  /** Remembers "xy"; then the log is another one, in which the same stream has other events. */
  const exchanged = async (events: readonly string[]) => {
    const store = shared(await temporaryStore());
    const { handler } = await open(store);
    await add(handler, "x");
    await add(handler, "y");
    const collection = await store.collection("log");
    for (const position of [1, 2]) await collection.remove(position);
    const restored = await open(store);
    for (const by of events) await add(restored.handler, by);
    return handler;
  };

  test.each([[["o", "k"]], [["o"]], [["o", "k", "!"]], [[]]])(
    "with %j in the stream is read, and not what is remembered",
    async events => {
      const handler = await exchanged(events);
      expect((await handler.load(word, "a")).state).toBe(events.join(""));
    },
  );

  test("is what a command is decided on", async () => {
    expect(await addTo(await exchanged(["o", "k"]), "ok", "!")).toBe("ok!");
    expect(await add(await exchanged(["o", "k"]), "!")).toBe("ok!");
  });
});

describe("a command on several streams", () => {
  /** Moves on `to` when `from` has this word. */
  const addIf = (handler: CommandHandler<Schemas>, expected: string) =>
    handler.handle(async work => {
      const [from, to] = [await work.load(word, "from"), await work.load(word, "to")];
      const done = await work.commit([from.append([]), to.append(from.state === expected ? [counted("!")] : [])]);
      return done.stateOf(to);
    });

  test("commits all of it at once, and knows each state afterwards", async () => {
    const { handler, log } = await open(await temporaryStore());
    const states = await handler.handle(async work => {
      const both = [await work.load(word, "a"), await work.load(word, "b")] as [Loaded<string>, Loaded<string>];
      const done = await work.commit(both.map((loaded, index) => loaded.append([counted(String(index))])));
      return both.map(loaded => done.stateOf(loaded));
    });
    expect(states).toEqual(["0", "1"]);
    expect(await log.head()).toBe(1);
  });

  test("looks at a remembered stream that it decides by and does not append to", async () => {
    const [one, two] = await openTwice();
    await add(one.handler, "x", "from");
    await add(one.handler, "x", "to");
    await add(two.handler, "y", "from");
    expect(await addIf(one.handler, "x")).toBe("x");
    expect(await addIf(one.handler, "xy")).toBe("x!");
  });
});

describe("what is to begin once", () => {
  const begin = (handler: CommandHandler<Schemas>, by: string) =>
    handler.createOnce(word, "a", async blank => [blank.append([counted(by)])]);

  test("is given to whoever asks again", async () => {
    const [one, two] = await openTwice();
    expect(await begin(one.handler, "x")).toEqual({ made: "x", replayed: false });
    expect(await begin(one.handler, "y")).toEqual({ made: "x", replayed: true });
    expect(await begin(two.handler, "z")).toEqual({ made: "x", replayed: true });
  });

  test("has one who began it, of twenty at once", async () => {
    const [one, two] = await openTwice();
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        begin((index % 2 ? one : two).handler, String.fromCodePoint(97 + index)),
      ),
    );
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(all.map(({ made }) => made)).size).toBe(1);
  });

  test("is not refused to him who lost against the same request", async () => {
    const [one, two] = await openTwice();
    const refused = one.handler.createOnce(word, "a", async () => {
      await begin(two.handler, "theirs");
      throw new Refusal("SKU_TAKEN");
    });
    expect(await refused).toEqual({ made: "theirs", replayed: true });
    const never = one.handler.createOnce(word, "b", () => Promise.reject(new Refusal("SKU_TAKEN")));
    await expect(never).rejects.toMatchObject({ code: "SKU_TAKEN" });
  });
});
