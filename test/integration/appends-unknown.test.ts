// Appends whose answer is lost: the command finds out what became of them before it does anything else.
import { CommandHandler } from "../../lib/events/command-handler";
import { EventStore } from "../../lib/events/event-store";
import { type Store, StoreUnavailable } from "../../lib/store/store";
import { type Around, aroundStore, openOnce } from "../helpers/around-store";
import { startServices } from "../helpers/broker";
import { sharedStore, withoutLocks } from "../helpers/instances";
import { randomFrom } from "../helpers/random";
import { temporaryStore } from "../helpers/store";
import { add, counted, open, type Schemas, word } from "../helpers/words";

const lost = () => new StoreUnavailable("No answer.");
/** Somebody who waits so long, in milliseconds, from now on. */
const callerFor = (ms: number) => {
  const end = performance.now() + ms;
  return { timeLeft: () => end - performance.now() };
};

/** A store whose appends go through `fault`, and another process on it whose appends do not. */
const setUp = async (fault: (append: () => Promise<unknown>) => Promise<unknown>) => {
  const store = openOnce(await temporaryStore());
  const around: Around = ({ on, method }, work) => (on === "log" && method === "append" ? fault(work) : work());
  const [one, other] = [await open(aroundStore(store, around)), await open(store)];
  let decisions = 0;
  /** Appends a letter. */
  const decide = (by: string, caller = callerFor(10_000)) =>
    one.handler.change(word, "a", () => ((decisions += 1), [counted(by)]), { cause: { caller } });
  const written = async () => (await other.log.getEvents("a")).map(({ data }) => data.by).join("");
  return { ...one, other, decide, written, decisions: () => decisions };
};

/** Does it, and loses the answer so many times. */
const losing = (times: number) => {
  let left = times;
  return async (append: () => Promise<unknown>) => {
    const answer = await append();
    if ((left -= 1) >= 0) throw lost();
    return answer;
  };
};

describe("an append that was done, and its answer lost", () => {
  test.each([1, 4])("%i times, is done once, and the command says so", async times => {
    const { decide, written, decisions, log } = await setUp(losing(times));
    const told: (number | undefined)[] = [];
    log.onCommit(position => told.push(position));
    expect(await decide("x")).toBe("x");
    expect(await decide("y")).toBe("xy");
    expect([await written(), decisions(), told]).toEqual(["xy", 2, [1, 2]]);
  });

  test("for ever, fails when its caller's time is over, and is not decided again", async () => {
    const { decide, written, decisions } = await setUp(losing(Infinity));
    await expect(decide("x", callerFor(500))).rejects.toBeInstanceOf(StoreUnavailable);
    expect([await written(), decisions()]).toEqual(["x", 1]);
  });

  test("for longer than its caller waits, is seen by the next command", async () => {
    const { decide, written } = await setUp(losing(1));
    await expect(decide("x", callerFor(0))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await decide("y")).toBe("xy");
    expect(await written()).toBe("xy");
  });

  test("is its own also when somebody else has appended behind it meanwhile", async () => {
    const { decide, written, decisions, other } = await setUp(async append => {
      const answer = await append();
      if ((await written()) !== "x") return answer;
      await add(other.handler, "y");
      throw lost();
    });
    expect(await decide("x")).toBe("x");
    expect([await written(), decisions()]).toEqual(["xy", 1]);
  });
});

describe("an append that was not done", () => {
  test("for certain is not tried again", async () => {
    let tries = 0;
    const { decide, written } = await setUp(async () => {
      tries += 1;
      throw new StoreUnavailable("The disk is full.", { nothingWritten: true });
    });
    await expect(decide("x")).rejects.toThrow("The disk is full.");
    expect([await written(), tries]).toEqual(["", 1]);
  });

  test("is done by its repetition", async () => {
    let isFirst = true;
    const { decide, written } = await setUp(async append => {
      if (!isFirst) return append();
      isFirst = false;
      throw lost();
    });
    expect(await decide("x")).toBe("x");
    expect(await written()).toBe("x");
  });

  test("and comes too late when it is repeated is decided again, on what is there", async () => {
    let isFirst = true;
    const { decide, written, decisions, other } = await setUp(async append => {
      if (!isFirst) return append();
      isFirst = false;
      await add(other.handler, "y");
      throw lost();
    });
    expect(await decide("x")).toBe("yx");
    expect([await written(), decisions()]).toEqual(["yx", 2]);
  });
});

test.each([1, 2, 3])(
  "forty commands of two processes, of which every third answer is lost, take effect once (%i)",
  async seed => {
    withoutLocks();
    const random = randomFrom(seed);
    const store = sharedStore(await temporaryStore(), seed);
    const unsure = (opened: Store) =>
      aroundStore(opened, async ({ on, method }, work) => {
        const dice = on === "log" && method === "append" ? random() : 1;
        if (dice < 0.15) throw lost();
        const answer = await work();
        if (dice < 0.35) throw lost();
        return answer;
      });
    const process = async () => new CommandHandler(await EventStore.open<Schemas>(unsure(store), () => new Date()));
    const [one, two] = [await process(), await process()];
    const words = Array.from({ length: 40 }, (_, index) => String.fromCodePoint(0x4e00 + index));
    await Promise.all(words.map((by, index) => add(index % 2 ? one : two, by, index % 3 ? "a" : "b")));
    const log = await EventStore.open<Schemas>(store, () => new Date());
    const events = [...(await log.getEvents("a")), ...(await log.getEvents("b"))];
    expect(events.map(({ data }) => data.by).sort()).toEqual(words);
  },
);

describe("an action whose appends get no answer", () => {
  const start = async (times: number) => {
    const fault = losing(times);
    const around: Around = ({ on, method }, work) => (on === "log" && method === "append" ? fault(work) : work());
    const openStore = async () => aroundStore(await temporaryStore(), around);
    const shop = await startServices(["payments"], { openStore });
    const cancel = () => shop.broker.call("payments.cancel", { orderId: "o" }, { timeout: 2000, retries: 0 });
    return { shop, cancel };
  };

  test("answers as if nothing had been, once it knows", async () => {
    const { shop, cancel } = await start(2);
    expect(await cancel()).toMatchObject({ status: "voided" });
    const { commits } = await shop.call("payments.feed", { after: 0, limit: 10 });
    expect(commits).toHaveLength(1);
  });

  test("tells its caller so before his time is over", async () => {
    const { cancel } = await start(Infinity);
    await expect(cancel()).rejects.toMatchObject({ code: 503, type: "STORE_UNAVAILABLE" });
  });
});
