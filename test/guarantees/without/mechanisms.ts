// Takes one mechanism of the shop away in the process that asks for it, to see whether the checker notices.
import { setTimeout } from "node:timers/promises";
import type { EventSchemas } from "../../../lib/contract";
import { type Page, type Place, placeIn } from "../../../lib/events/checkpoint";
import { EventStore, VersionConflict } from "../../../lib/events/event-store";
import { Follower, type FollowerOptions } from "../../../lib/events/follower";
import * as idempotency from "../../../lib/events/idempotency";
import { UnitOfWork } from "../../../lib/events/unit-of-work";
import { OrderCommands } from "../../../services/orders/order-commands";
import { Sweep } from "../../../services/orders/sweep";

type Undo = () => void;
type Log = EventStore<EventSchemas>;
type Work = UnitOfWork<EventSchemas>;

/** Long enough for somebody to die in between. */
const A_WHILE_MS = 300;

/** @param make gets the function that was there, and says what is there from now on */
const replaced = <T extends object, K extends keyof T>(owner: T, name: K, make: (before: T[K]) => T[K]): Undo => {
  const before = owner[name];
  owner[name] = make(before);
  return () => {
    owner[name] = before;
  };
};

/** Done a while later, if this process still lives. */
const later = (work: () => Promise<unknown>): void => {
  void setTimeout(A_WHILE_MS)
    .then(work)
    .catch(() => undefined);
};

/** Each with the guarantee that it is there for. */
const mechanisms = {
  /** G1: says that an order was changed, and writes it down a while later. */
  "answer-after-append": () =>
    replaced(
      OrderCommands.prototype,
      "change",
      change =>
        async function (this: OrderCommands, id, decide, metadata) {
          const { order } = await this.load(id);
          decide(order);
          later(() => change.call(this, id, decide, metadata));
          return order;
        },
    ),

  /** G2: appends wherever a stream stands by then, whatever it was decided on. */
  "expected-versions": () =>
    replaced(
      EventStore.prototype as Log,
      "append",
      append =>
        async function (this: Log, appends, ...rest) {
          for (;;) {
            const anywhere = appends.map(async ({ stream, events }) => ({
              stream,
              events,
              expectedVersion: (await this.getEvents(stream)).at(-1)?.version ?? 0,
            }));
            try {
              return await append.call(this, await Promise.all(anywhere), ...rest);
            } catch (error) {
              if (!(error instanceof VersionConflict)) throw error;
            }
          }
        },
    ),

  /** G2: writes what belongs together stream by stream. */
  "one-commit": () =>
    replaced(
      UnitOfWork.prototype as Work,
      "commit",
      commit =>
        async function (this: Work, appends) {
          let committed = await commit.call(this, appends.slice(0, 1));
          for (const append of appends.slice(1)) {
            Reflect.set(this, "sent", false);
            committed = await commit.call(this, [append]);
          }
          return committed;
        },
    ),

  /** G3: takes each request with a key for a new one. */
  "idempotency-keys": () =>
    replaced(
      idempotency,
      "keyedId",
      keyedId => (prefix, owner, key) => keyedId(prefix, owner, `${key} ${Math.random()}`),
    ),

  /** G5: nobody looks after orders that a dead process left behind. */
  sweep: () => replaced(Sweep.prototype, "start", () => () => undefined),

  /** G6: notes that events were taken in, and takes them in a while later. */
  "checkpoint-after-apply": () =>
    replaced(
      Follower.prototype as object as { applyAll(page: Page, from: Place): Promise<Place> },
      "applyAll",
      () =>
        async function (this: object, page, from) {
          const { checkpoint, apply } = Reflect.get(this, "options") as FollowerOptions<EventSchemas>;
          const place = placeIn(page, page.commits.at(-1)?.position ?? from.position, from);
          await checkpoint.save(place);
          await setTimeout(A_WHILE_MS);
          for (const commit of page.commits) for (const event of commit.events) await apply(event as never);
          return place;
        },
    ),
} satisfies Record<string, () => Undo>;

export type Mechanism = keyof typeof mechanisms;
export const MECHANISMS = Object.keys(mechanisms) as Mechanism[];

/** From here on this process goes without it, until that is undone. */
export const without = (mechanism: Mechanism): Undo => mechanisms[mechanism]();
