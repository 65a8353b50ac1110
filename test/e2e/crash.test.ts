// Killed without warning: nothing that was acknowledged is lost, and nothing that was begun is left by halves.
import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "../../contracts/common";
import type { Order } from "../../contracts/orders";
import { temporaryFolder } from "../helpers/broker";
import { Client, orderFor, placedIn } from "./client";
import { eventually } from "../helpers/eventually";
import { killWhen } from "./processes";
import { ADMIN, World } from "./world";

const LIMIT = 120_000;
const STOCK = 200;

const restart = async (world: World) => {
  await world.shop.end("SIGKILL");
  return World.start({ dataDir: world.shop.dataDir });
};

test(
  "after kill -9 an acknowledged order is there with its events, and its key still gives the same answer",
  async () => {
    const world = await World.start();
    const [customer, product] = [await world.customer(), await world.product(5)];
    const [key, request] = [randomUUID(), orderFor([{ productId: product.id, quantity: 2 }])];
    const placed = await customer.order(request, key);
    const events = await customer.events(placed.body.data.id);

    const next = await restart(world);
    const again = new Client(next.shop.address, customer.token);
    expect(await again.readOrder(placed.body.data.id)).toEqual(placed.body.data);
    expect(await again.events(placed.body.data.id)).toEqual(events);
    expect((await again.order(request, key)).text).toBe(placed.text);
    expect(await next.left(product)).toEqual({ stock: 3, available: 3 });
  },
  LIMIT,
);

const ordersOf = async (customer: Client) =>
  (await customer.get<{ data: Page<Order> }>("/api/orders?expand=items&limit=100")).body.data.items;

test(
  "orders that are under way when the process is killed are settled by the next one, " +
    "and no piece is lost or sold twice",
  async () => {
    let world = await World.start();
    let customer = await world.customer();
    const product = await world.product(STOCK);
    const methods = [
      "sandbox:ok",
      "sandbox:timeout-then-ok",
      "sandbox:declined",
      "sandbox:ok",
      "sandbox:timeout-then-declined",
      "sandbox:timeout-then-ok",
    ] as const;
    const acknowledged = new Set<string>();
    let underWay = 0;
    for (const placed of [1, 3, methods.length]) {
      const before = (await ordersOf(customer)).length;
      const placing = methods.map(async method => {
        const id = placedIn(await customer.order(orderFor([{ productId: product.id, quantity: 2 }], method)));
        if (id !== undefined) acknowledged.add(id);
      });
      let orders: Order[] = [];
      await eventually(
        `${placed} more orders are placed`,
        async () => (orders = await ordersOf(customer)).length >= before + placed,
      );
      underWay += orders.filter(({ status }) => status === "pending").length;
      [world] = await Promise.all([restart(world), Promise.allSettled(placing)]);
      customer = new Client(world.shop.address, customer.token);
    }
    // The payments that time out take longer than a look at the list: some orders were on their way each time.
    expect(underWay).toBeGreaterThan(0);

    const isAtRest = ({ status, payment }: Order) =>
      (status === "confirmed" && payment.status === "captured") ||
      (status === "rejected" && payment.status === "declined");
    await eventually("every order is settled", async () => (await ordersOf(customer)).every(isAtRest));
    const settled = await ordersOf(customer);
    expect(settled.map(({ id }) => id)).toEqual(expect.arrayContaining([...acknowledged]));
    const sold = settled
      .filter(({ status }) => status === "confirmed")
      .flatMap(({ items }) => items)
      .reduce((sum, { quantity }) => sum + quantity, 0);
    await eventually(
      "what is left and what was sold make the whole",
      async () => (await world.left(product)).available === STOCK - sold,
    );
    expect((await world.left(product)).stock).toBe(STOCK - sold);
  },
  LIMIT,
);

test(
  "a first start that is killed at any point is made good by the next one: the whole catalogue, and an admin",
  async () => {
    const dataDir = temporaryFolder();
    const bytesOf = (file: string) => statSync(join(dataDir, file), { throwIfNoEntry: false })?.size ?? -1;
    // From the empty file to one that has all of the catalogue in it.
    for (const [file, bytes] of [
      ["users/users.sqlite", 0],
      ["products/products.sqlite-wal", 0],
      ["products/products.sqlite-wal", 100_000],
      ["users/users.sqlite-wal", 60_000],
      ["products/products.sqlite-wal", 300_000],
    ] as const) {
      await killWhen({ dataDir, env: ADMIN }, () => bytesOf(file) >= bytes);
    }
    const world = await World.start({ dataDir });
    expect((await world.visitor.products()).total).toBe(194);
    expect((await world.visitor.products("?limit=100&page=2")).items).toHaveLength(94);
    expect((await world.admin.get("/api/users")).status).toBe(200);
  },
  LIMIT,
);
