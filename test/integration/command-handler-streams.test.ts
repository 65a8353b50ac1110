// The command handler on several streams, and on those that are to begin once.
import { CommandHandler } from "../../lib/events/command-handler";
import type { Loaded } from "../../lib/events/loaded";
import { Refusal } from "../../lib/refusal";
import { temporaryStore } from "../helpers/store";
import { type Schemas, counted, word, open, openTwice, add } from "../helpers/words";

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

describe("a stream that most often is new", () => {
  const addToNew = (handler: CommandHandler<Schemas>, expected: string, by: string) =>
    handler.handle(async work => {
      const loaded = await work.loadNew(word, "a");
      if (loaded.state !== expected) throw new Refusal("PRECONDITION_FAILED");
      return (await work.commit([loaded.append(by === "" ? [] : [counted(by)])])).stateOf(loaded);
    });

  test("is begun without a look", async () => {
    const { handler, reads } = await open(await temporaryStore());
    expect(await addToNew(handler, "", "x")).toBe("x");
    expect(await addToNew(handler, "x", "y")).toBe("xy");
    expect(reads).toEqual([]);
  });

  test("and is not is decided on as it is, whether to append, to do nothing or to refuse", async () => {
    const [one, two, three, four] = [...(await openTwice()), ...(await openTwice())] as const;
    await add(two.handler, "x");
    expect(await addToNew(one.handler, "x", "y")).toBe("xy");
    await add(four.handler, "x");
    expect(await addToNew(three.handler, "x", "")).toBe("x");
    const other = new CommandHandler(four.log);
    await expect(addToNew(other, "", "y")).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
  });
});
