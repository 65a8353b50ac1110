// A customer who does as shops ask of their clients: one key a purchase, the same again until there is an answer.
import { randomUUID } from "node:crypto";
import type { Line } from "../../../contracts/common";
import type { PaymentMethod } from "../../../contracts/payments";
import { between, oneOf, type Random, shuffled } from "../../helpers/random";
import type { Change, Purchase, Reading } from "../check/facts";
import type { Records } from "./records";
import type { Reply, ShopClient } from "./shop-client";

/** Then the customer is another one: one whose address nobody has verified gets few mails. */
const PURCHASES_AN_ACCOUNT = 6;
/** How orders are paid: mostly well. */
const METHODS: readonly PaymentMethod[] = [
  ...Array.from({ length: 30 }, () => "sandbox:ok" as const),
  ...Array.from({ length: 5 }, () => "sandbox:timeout-then-ok" as const),
  ...(["sandbox:declined", "sandbox:declined", "sandbox:timeout-then-declined", "sandbox:unreachable"] as const),
];
const MOST_LINES = 3;
const MOST_PIECES = 3;
/** Of a hundred purchases, so many are asked for several times at once, and so many answered ones are asked again. */
const AT_ONCE = 10;
const ONCE_MORE = 20;

/** Of a hundred orders, what happens to how many. */
const AFTERWARDS: readonly { readonly upTo: number; readonly changes: readonly Change[] }[] = [
  { upTo: 25, changes: ["cancel"] },
  { upTo: 35, changes: ["refund"] },
  { upTo: 42, changes: ["ship", "deliver"] },
  { upTo: 47, changes: ["ship", "refund"] },
];

export interface BuyerOptions {
  readonly customer: ShopClient;
  readonly admin: ShopClient;
  readonly products: readonly string[];
  readonly random: Random;
  readonly records: Records;
}

/** Reads an order's history, and notes it; silence is no reading. */
export const readBack = async (
  client: Pick<ShopClient, "send">,
  orderId: string,
  toldVersion: number,
  readings: Reading[],
): Promise<boolean> => {
  const { status, body } = await client.send("GET", `/api/orders/${orderId}/events`);
  if (status !== 200 && status !== 404) return false;
  readings.push({ orderId, toldVersion, events: status === 200 ? (body.data as Reading["events"]) : undefined });
  return true;
};

export class Buyer {
  constructor(private readonly options: BuyerOptions) {}

  /** Buys until the shop closes. */
  async run(): Promise<void> {
    const { records, customer } = this.options;
    for (let bought = 1; !records.isClosing; bought += 1) {
      await this.buy();
      if (bought % PURCHASES_AN_ACCOUNT === 0) await customer.register(() => records.isOver);
      await customer.pause(0, 100);
    }
  }

  private async buy(): Promise<void> {
    const { records, random, customer } = this.options;
    const purchase: Purchase = { key: randomUUID(), answers: [] };
    records.purchases.push(purchase);
    const request = this.request(purchase.key);
    const times = this.happens(AT_ONCE) ? 3 : 1;
    await Promise.all(Array.from({ length: times }, () => this.place(purchase, request)));
    if (this.happens(ONCE_MORE)) await this.place(purchase, request);
    const told = purchase.answers.findLast(({ orderId }) => orderId !== undefined);
    if (told?.orderId === undefined) return;
    const dice = between(random, 1, 100);
    const [afterwards] = AFTERWARDS.filter(({ upTo }) => dice <= upTo);
    for (const change of afterwards?.changes ?? []) await this.change(told.orderId, change);
    const toldVersion = records.acknowledged.get(told.orderId) ?? 1;
    await readBack(customer, told.orderId, toldVersion, records.readings);
  }

  private place(purchase: Purchase, request: object): Promise<Reply | undefined> {
    const { customer, records } = this.options;
    const ask = () => customer.send("POST", "/api/orders", request, { "Idempotency-Key": purchase.key });
    return customer.insist(purchase.answers, ask, () => records.isOver);
  }

  private async change(orderId: string, change: Change): Promise<void> {
    const { customer, admin, records } = this.options;
    const deed = { orderId, change, answers: [] };
    records.deeds.push(deed);
    const client = change === "cancel" ? customer : admin;
    const ask = () => client.send("POST", `/api/orders/${orderId}/${change}`, {});
    await client.insist(deed.answers, ask, () => records.isOver);
  }

  private request(key: string): object {
    const { random, products } = this.options;
    const items = shuffled(random, products)
      .slice(0, between(random, 1, MOST_LINES))
      .map((productId): Line => ({ productId, quantity: between(random, 1, MOST_PIECES) }));
    // The checker finds the orders of a key by their address.
    const shippingAddress = { name: "Kim", line1: key, city: "Seoul", postalCode: "03154", country: "KR" };
    return { items, shippingAddress, payment: { method: oneOf(random, METHODS) } };
  }

  private happens(percent: number): boolean {
    return between(this.options.random, 1, 100) <= percent;
  }
}
