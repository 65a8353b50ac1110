// The command handler: remembers states, and is never wrong for it, whoever else writes or exchanges the log.
import { CommandHandler } from "../../lib/events/command-handler";
import { type Around, aroundStore } from "../helpers/around-store";
import { temporaryStore } from "../helpers/store";
import { counted, word, open, openTwice, add, addTo } from "../helpers/words";

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
    await handler.change(word, "a", () => [counted("x")], {
      cause: { metadata: { requestId: "r-1", actorId: "usr_1" } },
    });
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
});

describe("a log that was exchanged under the process", () => {
  /** Remembers "xy"; then the log is another one, in which the same stream has other events. */
  const exchanged = async (events: readonly string[]) => {
    const [store, restored] = [await temporaryStore(), await temporaryStore()];
    const log = await restored.log();
    let isExchanged = false;
    const around: Around = ({ on, method, args }, work) =>
      on === "log" && isExchanged ? Reflect.apply(Reflect.get(log, method), log, args) : work();
    const { handler } = await open(aroundStore(store, around));
    await add(handler, "x");
    await add(handler, "y");
    for (const by of events) await add((await open(restored)).handler, by);
    isExchanged = true;
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
