// The mail service with orders and users of the test's own making.
import type { Order, orderEvents } from "../../contracts/orders";
import type { EventOf } from "../../lib/contract";
import type { RecordedOf } from "../../lib/events/event-store";
import { type Settings, startServices } from "./broker";

const price = (amount: number) => ({ amount, currency: "USD" });
const orderOf = (id: string, userId: string): Order => ({
  id,
  userId,
  status: "confirmed",
  items: [{ productId: "p1", sku: "P-1", name: "Mug", quantity: 2, unitPrice: price(500), lineTotal: price(1000) }],
  total: price(1000),
  shippingAddress: { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" },
  payment: { method: "sandbox:ok", status: "authorized", reference: "r" },
  version: 1,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
});

export interface Contact {
  email: string;
  name: string;
  locale: "en" | "ko";
  emailVerified: boolean;
}

/** What happened in the shop; survives a restart of the mail service. */
export class Town {
  readonly events: RecordedOf<typeof orderEvents>[] = [];
  readonly contacts = new Map<string, Contact>();
  /** Orders that cannot be read, for the time being. */
  readonly unreadable = new Set<string>();
  private readonly owners = new Map<string, string>();

  /** An order of a person whose id is the name; it begins with OrderPlaced. The event's id. */
  happens(event: EventOf<typeof orderEvents>, orderId: string, owner: string): string {
    if (!this.owners.has(orderId)) {
      this.owners.set(orderId, owner);
      const { userId, items, total, shippingAddress, payment } = orderOf(orderId, owner);
      this.record(
        {
          type: "OrderPlaced",
          data: { userId, requestHash: "h", items, total, shippingAddress, paymentMethod: payment.method },
        },
        orderId,
      );
    }
    return this.record(event, orderId);
  }

  read(id: string): Order | null {
    if (this.unreadable.has(id)) throw new Error(`${id} cannot be read`);
    const owner = this.owners.get(id);
    return owner === undefined ? null : orderOf(id, owner);
  }

  private record(event: EventOf<typeof orderEvents>, orderId: string): string {
    const version = this.events.filter(({ aggregateId }) => aggregateId === orderId).length;
    const id = `${orderId}-${version}`;
    this.events.push({
      ...event,
      id,
      aggregateId: orderId,
      version: version + 1,
      timestamp: "2026-01-02T03:04:05.678Z",
    });
    return id;
  }
}

export const confirmed = { type: "OrderConfirmed" as const, data: {} };
export const shipped = { type: "OrderShipped" as const, data: {} };

/** Kim and Lee, whose ids are their names, who read English and have verified their addresses. */
export const townOfTwo = (): Town => {
  const town = new Town();
  for (const id of ["kim", "lee"])
    town.contacts.set(id, { email: `${id}@example.org`, name: id, locale: "en", emailVerified: true });
  return town;
};

/** A clock that passes by itself, and jumps when told to. */
export const startClock = () => {
  let aheadMs = 0;
  return { now: () => new Date(Date.now() + aheadMs), jump: (minutes: number) => (aheadMs += minutes * 60_000) };
};

/** Starts the mail service in the town. `tell` nudges it about what has happened there. */
export const startMail = async (town: Town, env: Record<string, string> = {}, now?: Settings["now"]) => {
  const services = await startServices(["mail"], { env, ...(now ? { now } : {}) });
  services.broker.createService({
    name: "orders",
    actions: {
      feed: ctx => {
        const { after } = ctx.params as { after: number };
        const commits = town.events.map((event, index) => ({ position: index + 1, id: event.id, events: [event] }));
        return { log: "town", at: commits[after - 1]?.id ?? null, commits: commits.slice(after), head: commits.length };
      },
      read: ctx => town.read((ctx.params as { id: string }).id),
    },
  });
  services.broker.createService({
    name: "users",
    actions: { contact: ctx => town.contacts.get((ctx.params as { id: string }).id) ?? null },
  });
  await services.broker.waitForServices(["orders", "users"], 5000, 10);
  const tell = () => services.broker.broadcast("orders.appended", { position: town.events.length });
  await tell();
  return { ...services, tell };
};
