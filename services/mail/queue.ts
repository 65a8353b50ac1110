// The mails that have not left yet, kept until they have: in order per recipient, whoever of the others is put off.
import type { Recorded } from "../../lib/events/event-store";
import { type Collection, type Document, DuplicateKey, type Store } from "../../lib/store/store";
import type { Occasion } from "./templates.rules";
import type { Tries } from "./retry.rules";

export type Happening = Recorded & Occasion;

export interface WaitingDocument extends Tries {
  /** The event's id. */
  readonly _id: string;
  /** Whose mails leave one after the other: the recipient's user id. */
  readonly lane: string;
  /** Grows in the order of the events. */
  readonly place: number;
  readonly event: Happening;
}

interface OwnerDocument extends Document {
  readonly _id: string;
  readonly userId: string;
}

interface CounterDocument extends Document {
  readonly _id: string;
  readonly value: number;
}

const PLACES = "places";

export class MailQueue {
  private constructor(
    private readonly waiting: Collection<WaitingDocument>,
    private readonly owners: Collection<OwnerDocument>,
    private readonly counters: Collection<CounterDocument>,
    private readonly now: () => Date,
  ) {}

  static async open(store: Store, now: () => Date): Promise<MailQueue> {
    const waiting = await store.collection<WaitingDocument>("waiting", {
      indexes: [{ fields: ["next", "place"] }, { fields: ["lane", "place"] }],
    });
    const owners = await store.collection<OwnerDocument>("owners");
    return new MailQueue(waiting, owners, await store.collection<CounterDocument>("counters"), now);
  }

  /** Remembers whose order it is, so that its mails keep their order even while the order cannot be read. */
  async remember(orderId: string, userId: string): Promise<void> {
    await insertOnce(this.owners, { _id: orderId, userId });
  }

  /** Adds the mail about an event, once; call it in the order of the events. */
  async add(event: Happening): Promise<void> {
    const lane = (await this.owners.get(event.aggregateId))?.userId ?? event.aggregateId;
    const tries: Tries = { faults: 0, deferrals: 0, deferredSince: null, next: this.now().toISOString() };
    await insertOnce(this.waiting, { _id: event.id, lane, place: await this.nextPlace(), event, ...tries });
  }

  /** Mails whose time has come, the longest overdue first. */
  async due(limit: number): Promise<WaitingDocument[]> {
    return this.waiting.find({ query: { next: { $lte: this.now().toISOString() } }, sort: ["next", "place"], limit });
  }

  /** The mail that has to leave before this one; undefined when there is none. */
  async before({ lane, place }: WaitingDocument): Promise<WaitingDocument | undefined> {
    const [first] = await this.waiting.find({ query: { lane, place: { $lt: place } }, sort: ["place"], limit: 1 });
    return first;
  }

  /** Not when another process has postponed it meanwhile. */
  async postpone({ _id, next }: WaitingDocument, tries: Partial<Tries>): Promise<void> {
    await this.waiting.update({ _id, next }, { $set: { ...tries } });
  }

  async remove({ _id }: WaitingDocument): Promise<void> {
    await this.waiting.remove(_id);
  }

  private async nextPlace(): Promise<number> {
    for (;;) {
      const counter = await this.counters.update({ _id: PLACES }, { $inc: { value: 1 } });
      if (counter) return counter.value;
      await insertOnce(this.counters, { _id: PLACES, value: 0 });
    }
  }
}

const insertOnce = async <D extends Document>(collection: Collection<D>, document: D): Promise<void> => {
  try {
    await collection.insert(document);
  } catch (error) {
    if (!(error instanceof DuplicateKey)) throw error;
  }
};
