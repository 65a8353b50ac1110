// A payment company to try things with: keeps its own durable book, and misbehaves as the payment method says.
import type { Money } from "../../contracts/common";
import type { PaymentMethod } from "../../contracts/payments";
import { type Collection, DuplicateKey, type Store } from "../../lib/store/store";
import { type AuthorizeRequest, type PaymentProvider, type ProviderPayment, ProviderUnreachable } from "./provider";

type Status = ProviderPayment["status"];

/** One payment in the book. The sums are minor units and only ever grow, so that an effect that came twice shows. */
export interface BookEntry {
  _id: string;
  /** `unreachable`: not a state of money; the line to the sandbox stays dead for this key. */
  status: Status | "unreachable";
  amount: Money;
  authorized: number;
  captured: number;
  voided: number;
  refunded: number;
  history: string[];
}

const behaviours: Readonly<
  Record<PaymentMethod, { verdict: "authorized" | "declined" | "unreachable"; answers: boolean }>
> = {
  "sandbox:ok": { verdict: "authorized", answers: true },
  "sandbox:declined": { verdict: "declined", answers: true },
  "sandbox:timeout-then-ok": { verdict: "authorized", answers: false },
  "sandbox:timeout-then-declined": { verdict: "declined", answers: false },
  "sandbox:unreachable": { verdict: "unreachable", answers: false },
};

const newEntry = (key: string, status: BookEntry["status"], amount: Money): BookEntry => ({
  _id: key,
  status,
  amount,
  authorized: status === "authorized" ? amount.amount : 0,
  captured: 0,
  voided: 0,
  refunded: 0,
  history: [status],
});

const show = ({ _id, status }: BookEntry): ProviderPayment => {
  if (status === "unreachable") throw new ProviderUnreachable("The sandbox does not answer for this payment method.");
  return { status, reference: `sbx_${_id}` };
};

export class SandboxProvider implements PaymentProvider {
  private constructor(private readonly book: Collection<BookEntry>) {}

  static async open(store: Store): Promise<SandboxProvider> {
    return new SandboxProvider(await store.collection<BookEntry>("book"));
  }

  async authorize({ key, amount, method }: AuthorizeRequest): Promise<ProviderPayment> {
    const { verdict, answers } = behaviours[method];
    const entry = newEntry(key, verdict, amount);
    const isNew = await this.enter(entry);
    if (!isNew) return show(await this.entry(key));
    if (verdict !== "unreachable" && !answers) return new Promise<never>(() => undefined);
    return show(entry);
  }

  capture(key: string): Promise<ProviderPayment> {
    return this.move(key, "authorized", "captured");
  }

  async void(key: string): Promise<ProviderPayment> {
    const tombstone = newEntry(key, "voided", { amount: 0, currency: "XXX" });
    return (await this.enter(tombstone)) ? show(tombstone) : this.move(key, "authorized", "voided");
  }

  refund(key: string): Promise<ProviderPayment> {
    return this.move(key, "captured", "refunded");
  }

  async find(key: string): Promise<ProviderPayment | "absent"> {
    const entry = await this.book.get(key);
    return entry ? show(entry) : "absent";
  }

  /** False when the key is in the book already. */
  private async enter(entry: BookEntry): Promise<boolean> {
    try {
      await this.book.insert(entry);
      return true;
    } catch (error) {
      if (error instanceof DuplicateKey) return false;
      throw error;
    }
  }

  private async move(key: string, from: Status, to: "captured" | "voided" | "refunded"): Promise<ProviderPayment> {
    const { amount } = (await this.entry(key)).amount;
    const moved = await this.book.update(
      { _id: key, status: from },
      { $set: { status: to }, $inc: { [to]: amount }, $push: { history: to } },
    );
    return show(moved ?? (await this.entry(key)));
  }

  private async entry(key: string): Promise<BookEntry> {
    const entry = await this.book.get(key);
    if (!entry) throw new Error(`The sandbox has no payment ${key}.`);
    return entry;
  }
}
