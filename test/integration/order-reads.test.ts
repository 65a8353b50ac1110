// How often a happy order is read and written on its way: counted, so that nobody reads back what he has just written.
import { startServices } from "../helpers/broker";
import { countedStore, type Noted } from "../helpers/counted-store";
import { temporaryStore } from "../helpers/store";
import { tokenMaker } from "../helpers/tokens";

const setUp = async () => {
  const seen: Noted[] = [];
  const shop = await startServices(["products", "orders", "payments"], {
    openStore: async name => (name === "orders" ? countedStore(await temporaryStore(), seen) : temporaryStore()),
  });
  const token = await tokenMaker(shop.broker);
  const { id: productId } = await shop.call(
    "products.create",
    { sku: "MUG", name: "Mug", category: "kitchen", price: { amount: 500, currency: "USD" }, stock: 10 },
    { token: token("root", "admin") },
  );
  const place = (idempotencyKey: string) =>
    shop.call(
      "orders.place",
      {
        idempotencyKey,
        items: [{ productId, quantity: 1 }],
        shippingAddress: { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" },
        payment: { method: "sandbox:ok" },
      },
      { token: token("kim") },
    );
  return { seen, place };
};

/** Operations on an order's events, by what they are. */
const workOn = (seen: readonly Noted[], id: string) => {
  const count = (name: string, ...wanted: readonly Noted["method"][]) =>
    seen.filter(({ on, method, about }) => on === name && wanted.includes(method) && about.includes(id)).length;
  return {
    streamReads: count("log", "stream"),
    looks: count("log", "tip", "commitAt"),
    commits: count("log", "append"),
  };
};
type Work = ReturnType<typeof workOn>;

/** The least that was needed of several times: the catching up that runs beside them can only add. */
const least = (works: readonly Work[]): Work =>
  works.reduce((one, other) => {
    const kinds = Object.keys(one) as (keyof Work)[];
    return Object.fromEntries(kinds.map(kind => [kind, Math.min(one[kind], other[kind])])) as Work;
  });

test("a happy order is read once, while nobody knows yet that it is new, and committed four times", async () => {
  const { seen, place } = await setUp();
  const works: Work[] = [];
  for (let round = 1; round <= 5; round += 1) {
    seen.length = 0;
    const { order, settled } = await place(`number-${round}`);
    expect([order.status, settled]).toEqual(["confirmed", true]);
    works.push(workOn(seen, order.id));
  }
  expect(least(works)).toEqual({ streamReads: 1, looks: 0, commits: 4 });
});

test("whoever repeats it costs a look whether more has happened since, twice, and nothing else", async () => {
  const { seen, place } = await setUp();
  const { order } = await place("the-same");
  const works: Work[] = [];
  for (let round = 1; round <= 5; round += 1) {
    seen.length = 0;
    expect(await place("the-same")).toMatchObject({ order, settled: true, replayed: true });
    works.push(workOn(seen, order.id));
  }
  expect(least(works)).toEqual({ streamReads: 0, looks: 2, commits: 0 });
});
