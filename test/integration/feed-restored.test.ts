// A log that is not the one that was followed, such as one from a backup: its followers stop, say so, and a command
// mends it.
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { orderEvents } from "../../contracts/orders";
import { type CheckpointDocument, logChange, type Page, storedCheckpoint } from "../../lib/events/checkpoint";
import { EventStore } from "../../lib/events/event-store";
import { unwritten } from "../../lib/events/loaded";
import { dispatch, feedPage } from "../../lib/events/feed";
import { Follower } from "../../lib/events/follower";
import { openStore } from "../../lib/store/open-store";
import type { Store } from "../../lib/store/store";
import { repairFeeds } from "../../scripts/feed-repair";
import { temporaryFolder } from "../helpers/broker";
import { closeStore, temporaryStore } from "../helpers/store";
import { describeWithMongo, type Server, startMongo } from "../servers";

type Log = EventStore<typeof orderEvents>;
const happen = (log: Log, name: string) => log.append([unwritten(name).append([{ type: "OrderShipped", data: {} }])]);

/** A follower of a log in a folder that can be copied and put back while nobody has it open. */
const town = async () => {
  const folder = temporaryFolder();
  const [orders, backup] = [join(folder, "orders"), join(folder, "backup")];
  const checkpoints = await (await temporaryStore()).collection<CheckpointDocument>("checkpoints");
  const seen: string[] = [];
  const errors: Error[] = [];
  const withLog = async <T>(work: (log: Log) => Promise<T>): Promise<T> => {
    const store = await temporaryStore(orders);
    try {
      return await work(await EventStore.open<typeof orderEvents>(store, () => new Date()));
    } finally {
      await closeStore(store);
    }
  };
  const add = (...names: string[]) =>
    withLog(async log => {
      for (const name of names) await happen(log, name);
    });
  const follow = () =>
    withLog(async log => {
      const follower = new Follower<typeof orderEvents>({
        checkpoint: storedCheckpoint(checkpoints, "orders"),
        apply: dispatch<typeof orderEvents>({ OrderShipped: event => void seen.push(event.aggregateId) }),
        read: (after, limit) => feedPage(log, { after, limit }),
        onError: error => errors.push(error as Error),
      });
      await follower.nudge();
      await follower.stop();
      return follower.trouble;
    });
  const save = () => cpSync(orders, backup, { recursive: true });
  const restore = () => {
    rmSync(orders, { recursive: true });
    cpSync(backup, orders, { recursive: true });
  };
  return { add, follow, save, restore, seen, errors, checkpoints, orders };
};

describe("a follower whose log", () => {
  test("was restored and is shorter stops, and applies nothing that comes later", async () => {
    const { add, follow, save, restore, seen } = await town();
    await add("a", "b", "c");
    save();
    await add("d", "e");
    expect(await follow()).toBeUndefined();
    restore();
    await add("f");
    expect(await follow()).toBe("it ends at 4 and was followed to 5");
    expect(seen).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("was restored and has grown beyond where it was stops as well", async () => {
    const { add, follow, save, restore, seen } = await town();
    await add("a", "b", "c");
    save();
    await add("d", "e");
    await follow();
    restore();
    await add("f", "g", "h", "i", "j");
    expect(await follow()).toBe("its commit 5 is another one than was followed");
    expect(seen).toHaveLength(5);
  });

  test("was begun anew stops", async () => {
    const { add, follow, orders } = await town();
    await add("a", "b");
    await follow();
    rmSync(orders, { recursive: true });
    await add("c", "d", "e");
    expect(await follow()).toBe("it is another log than was followed");
  });

  test("is whole goes on, also from a checkpoint that remembers no more than its position", async () => {
    const { add, follow, save, restore, seen, checkpoints } = await town();
    await add("a", "b", "c");
    save();
    await checkpoints.insert({ _id: "orders", position: 2 });
    expect(await follow()).toBeUndefined();
    expect(seen).toEqual(["c"]);
    await add("d");
    await follow();
    restore();
    await add("e");
    expect(await follow()).toBe("its commit 4 is another one than was followed");
  });

  test("has a hole stops in front of it", () => {
    const page = (positions: number[], head: number): Page => ({
      log: "l",
      at: "c5",
      head,
      commits: positions.map(position => ({ position, id: `c${position}`, events: [] })),
    });
    const place = { position: 5, log: "l", commit: "c5" };
    expect(logChange(place, page([6, 7, 8], 8))).toBeUndefined();
    expect(logChange(place, page([], 5))).toBeUndefined();
    expect(logChange(place, page([7, 8], 8))?.message).toBe("its commit 6 is missing");
    expect(logChange(place, page([6, 8], 8))?.message).toBe("its commit 7 is missing");
    expect(logChange(place, page([], 8))?.message).toBe("its commit 6 is missing");
    expect(logChange({ position: 5 }, { ...page([6], 6), at: null })?.message).toBe("its commit 5 is missing");
  });
});

describeWithMongo("the command on MongoDB", () => {
  let server: Server;
  beforeAll(async () => {
    server = await startMongo();
  });
  afterAll(() => server?.stop());

  test("shows where a follower stands and sets it to another position", async () => {
    const open = (service: string) => openStore(service, { MONGO_URL: server.url });
    const using = async <T>(service: string, work: (store: Store) => Promise<T>) => {
      const store = await open(service);
      try {
        return await work(store);
      } finally {
        await store.close();
      }
    };
    await using("orders", async store => {
      const log = await EventStore.open<typeof orderEvents>(store, () => new Date());
      expect((await EventStore.open(store, () => new Date())).id).toBe(log.id);
      for (const name of ["a", "b", "c"]) await happen(log, name);
    });
    expect(await repairFeeds([], open)).toBe("mail has followed orders to 0, whose newest commit is 3.");
    expect(await repairFeeds(["reset", "mail", "orders", "--from", "head"], open)).toBe(
      "mail goes on after commit 3 of orders.",
    );
    expect(await repairFeeds(["reset", "mail", "orders", "--from", "2"], open)).toBe(
      "mail goes on after commit 1 of orders.",
    );
    expect(await repairFeeds([], open)).toBe("mail has followed orders to 1, whose newest commit is 3.");
    for (const wrong of [["--from", "5"], ["--from", "0"], ["--from", "x"], []])
      await expect(repairFeeds(["reset", "mail", "orders", ...wrong], open)).rejects.toThrow("a position from 1 to 4");
    await expect(repairFeeds(["reset", "mail", "users", "--from", "head"], open)).rejects.toThrow(
      "There is: mail orders",
    );
    await expect(repairFeeds(["help"], open)).rejects.toThrow("npm run feeds -- reset");
  });
});
