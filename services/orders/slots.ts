// A user's slots for pending orders: twenty streams, each taken and freed in turn, so that the append itself counts.
import { MAX_PENDING_ORDERS } from "../../contracts/common";
import type { orderEvents } from "../../contracts/orders";
import type { EventStore } from "../../lib/events/event-store";
import { Loaded } from "../../lib/events/loaded";
import { Refusal } from "../../lib/refusal";
import type { Slot } from "./order";

/** Users whose slots are remembered; the others' are looked up. */
const MAX_KNOWN_USERS = 10_000;

const numbers = Array.from({ length: MAX_PENDING_ORDERS }, (_, index) => index + 1);

export const slotStream = (userId: string, number: number): string => `slot:${userId}:${number}`;

/** In the stream of a slot SlotTaken and SlotFreed take turns. */
const isFree = (version: number) => version % 2 === 0;

export class Slots {
  /** Versions of a user's slots by number, as last seen here. They only grow, and the append notices when they have. */
  private readonly known = new Map<string, Map<number, number>>();

  constructor(private readonly events: Pick<EventStore<typeof orderEvents>, "versionOf">) {}

  /**
   * A slot that looks free, at the version at which it is. Whether it still is, the append decides.
   * @throws Refusal TOO_MANY_PENDING_ORDERS when the log has all of them taken
   */
  async free(userId: string): Promise<Loaded<Slot["number"]>> {
    const seen = this.of(userId);
    const slot = [...seen].find(([, version]) => isFree(version));
    if (slot) return new Loaded(slotStream(userId, slot[0]), slot[1], slot[0]);
    // Nearly everybody has the first one free; who has not is somebody to look at closely.
    for (const some of [numbers.slice(0, 1), numbers.slice(1)]) {
      const slots = await Promise.all(
        some.map(async number => {
          const stream = slotStream(userId, number);
          return new Loaded(stream, await this.events.versionOf(stream), number);
        }),
      );
      for (const { state, version } of slots) this.note(userId, { number: state, version });
      const free = slots.find(({ version }) => isFree(version));
      if (free) return free;
    }
    throw new Refusal("TOO_MANY_PENDING_ORDERS");
  }

  /** What this process has just appended. */
  note(userId: string, { number, version }: Slot): void {
    const seen = this.of(userId);
    seen.set(number, Math.max(version, seen.get(number) ?? 0));
  }

  /** After a conflict: somebody else was at this user's slots. */
  forget(userId: string): void {
    this.known.delete(userId);
  }

  private of(userId: string): Map<number, number> {
    const seen = this.known.get(userId) ?? new Map<number, number>();
    this.known.delete(userId);
    this.known.set(userId, seen);
    if (this.known.size > MAX_KNOWN_USERS) this.known.delete(this.known.keys().next().value ?? "");
    return seen;
  }
}
