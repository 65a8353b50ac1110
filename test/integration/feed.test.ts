// Following a log: in order, nothing missed over restarts, and a failing handler holds the line instead of losing an
// event.
import { Type } from "@sinclair/typebox";
import { object } from "../../lib/contract";
import { EventStore } from "../../lib/events/event-store";
import { type Checkpoint, type CheckpointDocument, storedCheckpoint } from "../../lib/events/checkpoint";
import { dispatch, feedPage } from "../../lib/events/feed";
import { Follower } from "../../lib/events/follower";
import { temporaryStore } from "../helpers/store";

const schemas = { Counted: object({ n: Type.Integer() }) };

const setUp = async () => {
  const store = await temporaryStore();
  const log = await EventStore.open<typeof schemas>(store, () => new Date());
  const append = (n: number) =>
    log.append([{ stream: "s", expectedVersion: n - 1, events: [{ type: "Counted", data: { n } }] }]);
  const checkpoint = storedCheckpoint(await store.collection<CheckpointDocument>("checkpoints"), "test");
  const seen: number[] = [];
  const errors: unknown[] = [];
  const follow = (apply: (n: number) => void = n => void seen.push(n), at: Checkpoint = checkpoint) =>
    new Follower<typeof schemas>({
      checkpoint: at,
      apply: dispatch<typeof schemas>({ Counted: event => apply(event.data.n) }),
      read: (after, limit) => feedPage(log, { after, limit }),
      onError: error => errors.push(error),
      intervalMs: 20,
    });
  return { append, follow, seen, errors, checkpoint };
};

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe("a follower", () => {
  test("gets more events than one batch holds, in order", async () => {
    const { append, follow, seen } = await setUp();
    for (const n of upTo(450)) await append(n);
    const follower = follow();
    await follower.nudge();
    await follower.stop();
    expect(seen).toEqual(upTo(450));
  });

  test("gets commits that are too large for one message, page by page", async () => {
    const store = await temporaryStore();
    const texts = { Said: object({ text: Type.String() }) };
    const log = await EventStore.open<typeof texts>(store, () => new Date());
    for (const n of upTo(5))
      await log.append([
        { stream: "s", expectedVersion: n - 1, events: [{ type: "Said", data: { text: String(n).repeat(300_000) } }] },
      ]);
    const first = await feedPage(log, { after: 0, limit: 200 });
    expect([first.commits.length, first.head]).toEqual([1, 5]);
    const seen: string[] = [];
    const follower = new Follower<typeof texts>({
      checkpoint: storedCheckpoint(await store.collection<CheckpointDocument>("checkpoints"), "test"),
      apply: event => void seen.push(event.data.text.slice(0, 1)),
      read: (after, limit) => feedPage(log, { after, limit }),
      onError: error => {
        throw error;
      },
    });
    await follower.nudge();
    await follower.stop();
    expect(seen).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("goes on where its predecessor stopped", async () => {
    const { append, follow, seen } = await setUp();
    for (const n of upTo(3)) await append(n);
    const first = follow();
    await first.nudge();
    await first.stop();
    await append(4);
    const second = follow();
    await second.nudge();
    await second.stop();
    expect(seen).toEqual(upTo(4));
  });

  test("comes without a nudge too", async () => {
    const { append, follow, seen } = await setUp();
    const follower = follow();
    await follower.nudge();
    await append(1);
    for (const end = Date.now() + 10_000; seen.length === 0 && Date.now() < end;)
      await new Promise(resolve => setTimeout(resolve, 5));
    await follower.stop();
    expect(seen).toEqual([1]);
  });

  test("repeats an event whose handler failed, and goes no further before it is done", async () => {
    const { append, follow, seen, errors, checkpoint } = await setUp();
    for (const n of upTo(3)) await append(n);
    let failures = 2;
    const follower = follow(n => {
      if (n === 2 && failures-- > 0) throw new Error("not yet");
      seen.push(n);
    });
    await follower.nudge();
    expect(seen).toEqual([1]);
    expect((await checkpoint.load()).position).toBe(1);
    await follower.nudge();
    await follower.nudge();
    await follower.stop();
    expect(seen).toEqual([1, 2, 3]);
    expect(errors).toHaveLength(2);
  });

  test("a stored checkpoint never goes back", async () => {
    const { checkpoint } = await setUp();
    await checkpoint.save({ position: 5, log: "l", commit: "c" });
    await checkpoint.save({ position: 3, log: "l", commit: "b" });
    expect(await checkpoint.load()).toEqual({ position: 5, log: "l", commit: "c" });
  });
});
