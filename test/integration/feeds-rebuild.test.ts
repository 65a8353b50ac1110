// What services show, made anew from their logs by a command, on what speaks MongoDB's protocol.
import { openStore } from "../../lib/store/open-store";
import { repairFeeds } from "../../scripts/feed-repair";
import { type Started, startServices } from "../helpers/broker";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";

describeWithMongo(`npm run feeds -- rebuild on ${MONGO}`, () => {
  let server: Server;
  beforeAll(async () => {
    server = await startMongo();
  });
  afterAll(() => server?.stop());

  test("makes read models anew that show less, more and other things than their logs", async () => {
    const open = (service: string) => openStore(service, { MONGO_URL: server.url });
    const env = { MONGO_URL: server.url, ADMIN_EMAIL: "boss@example.com", ADMIN_PASSWORD: "long enough" };
    const startShop = () => startServices(["users", "products", "orders", "payments"], { env });
    const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };
    const shown = async ({ call }: Started) => {
      const { token } = await call("users.login", { email: "boss@example.com", password: "long enough" });
      const [people, goods, orders] = [
        await call("users.list", {}, { token }),
        await call("products.list", {}),
        await call("orders.list", {}, { token }),
      ];
      return { token, lists: [people.items, goods.items, orders.items] };
    };

    const first = await startShop();
    const { token } = await shown(first);
    for (const sku of ["A", "B", "C"]) {
      const mug = { sku, name: "Mug", category: "kitchen", price: { amount: 5, currency: "USD" }, stock: 9 };
      const { id } = await first.call("products.create", mug, { token });
      const items = [{ productId: id, quantity: 1 }];
      await first.call(
        "orders.place",
        { idempotencyKey: sku, items, shippingAddress, payment: { method: "sandbox:ok" } },
        { token },
      );
    }
    const { lists } = await shown(first);
    expect(lists.map(({ length }) => length)).toEqual([1, 3, 3]);
    await first.stop();

    for (const [service, name] of [
      ["users", "users"],
      ["products", "catalogue"],
      ["orders", "order-list"],
    ] as const) {
      const store = await open(service);
      const entries = await store.collection<{ _id: string }>(name);
      const [one] = await entries.find();
      await entries.remove(one?._id ?? "");
      await entries.insert({ ...one, _id: "ghost" });
      await store.close();
      expect(await repairFeeds(["rebuild", service], open)).toBe(
        `${service} makes its read model anew when it starts.`,
      );
    }
    const second = await startShop();
    expect((await shown(second)).lists).toEqual(lists);

    // On MongoDB nothing keeps the command from a service that runs, and works on what the command removes.
    await expect(repairFeeds(["rebuild", "products"], open)).rejects.toThrow("products is running");
    await second.stop();
    await repairFeeds(["rebuild", "products"], open);
    const third = await startShop();
    expect((await shown(third)).lists).toEqual(lists);
    await third.stop();
  }, 120_000);
});
