// Collects what a run has left behind: from the stores, through the same port as the services, from the outbox and over
// the API.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EventSchemas } from "../../lib/contract";
import { EventStore, type RecordedOf } from "../../lib/events/event-store";
import { feedPage } from "../../lib/events/feed";
import type { Store } from "../../lib/store/store";
import { openSent } from "../../services/mail/send-once";
import type { BookEntry } from "../../services/payments/sandbox-provider";
import type { Facts, LogCommit, OrderEvent, PaymentEvent, ProductEvent, SentMail, Shown } from "./check/facts";
import type { ShopClient } from "./clients/shop-client";

const BATCH = 500;
const SERVICES = ["orders", "products", "payments", "sandbox", "mail"] as const;

/** The mails in the outbox; a file's name ends with the event that it is about. */
const mailsIn = (dataDir: string): SentMail[] => {
  const folder = join(dataDir, "outbox");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap(name => {
    const [, eventId] = /Z-(.+)\.eml$/.exec(name) ?? [];
    return eventId === undefined ? [] : [{ eventId, writtenAt: statSync(join(folder, name)).mtimeMs }];
  });
};

/** A log that is read on each time from where it was read to. */
class GrowingLog<E extends RecordedOf<EventSchemas>> {
  private readonly commits: LogCommit<E>[] = [];

  async read(store: Store): Promise<readonly LogCommit<E>[]> {
    const log = await EventStore.open<EventSchemas>(store, () => new Date());
    for (;;) {
      // As followers read it, who trust that nothing is missing before a position.
      const { commits } = await feedPage(log, { after: this.commits.at(-1)?.position ?? 0, limit: BATCH });
      for (const { position, id, events } of commits) this.commits.push({ position, id, events: events as E[] });
      if (commits.length === 0) return [...this.commits];
    }
  }
}

export type Stored = Pick<Facts, "orders" | "products" | "payments" | "book" | "mails" | "heldBack">;

/** Reads the databases of a shop, which may be at work. */
export class Evidence {
  private readonly orders = new GrowingLog<OrderEvent>();
  private readonly products = new GrowingLog<ProductEvent>();
  private readonly payments = new GrowingLog<PaymentEvent>();

  constructor(
    private readonly openStore: (name: (typeof SERVICES)[number]) => Promise<Store>,
    private readonly dataDir: string,
  ) {}

  async collect(): Promise<Stored> {
    const [orders, products, payments, sandbox, mail] = await Promise.all(SERVICES.map(name => this.openStore(name)));
    if (!orders || !products || !payments || !sandbox || !mail) throw new Error("A store is missing.");
    try {
      const book = await sandbox.collection<BookEntry>("book");
      const sent = await openSent(mail);
      const dropped = await sent.find({ query: { outcome: "dropped" } });
      return {
        orders: await this.orders.read(orders),
        products: await this.products.read(products),
        payments: await this.payments.read(payments),
        book: await book.find(),
        mails: mailsIn(this.dataDir),
        heldBack: await Promise.all(
          dropped.map(async ({ _id: eventId, mailbox = "" }) => ({
            eventId,
            sentToMailbox: await sent.count({ mailbox, outcome: { $in: ["sending", "sent"] } }),
          })),
        ),
      };
    } finally {
      await Promise.all([orders, products, payments, sandbox, mail].map(store => store.close()));
    }
  }
}

interface OrderPage {
  readonly items: Shown["orders"];
  readonly pages: number;
}

const answered = async <T>(client: ShopClient, gateway: string, path: string): Promise<T> => {
  const { status, body } = await client.sendTo(gateway, "GET", path);
  if (status !== 200) throw new Error(`${gateway}${path} answers ${status}.`);
  return body.data as T;
};

/** What a gateway shows of all orders and of these products. @throws Error when it does not answer */
export const shownBy = async (gateway: string, admin: ShopClient, products: readonly string[]): Promise<Shown> => {
  const orders: Shown["orders"][number][] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const answer = await answered<OrderPage>(admin, gateway, `/api/orders?limit=100&page=${page}`);
    orders.push(...answer.items);
    ({ pages } = answer);
  }
  const read = (id: string) => answered<Shown["products"][number]>(admin, gateway, `/api/products/${id}`);
  return { gateway, orders, products: await Promise.all(products.map(read)) };
};
