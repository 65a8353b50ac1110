// Who listens to a service's nudges hears fewer of them than there were commits, and always of the last.
import { type Started, startServices } from "../helpers/broker";
import { eventually } from "../helpers/eventually";
import { tokenMaker } from "../helpers/tokens";

const COMMITS = 100;

let shop: Started;
beforeAll(async () => void (shop = await startServices(["products"])));

test("a burst of commits is told of by fewer nudges, the last of which knows them all", async () => {
  const heard: number[] = [];
  type Nudge = { params: { position: number } };
  const handler = ({ params }: Nudge) => void heard.push(params.position);
  shop.broker.createService({ name: "ear", events: { "products.appended": { handler } } });
  await shop.broker.waitForServices("ear");
  const token = (await tokenMaker(shop.broker))("root", "admin");
  const price = { amount: 500, currency: "USD" };
  const create = (n: number) =>
    shop.call("products.create", { sku: `MUG-${n}`, name: "Mug", category: "kitchen", price, stock: 1 }, { token });
  await Promise.all(Array.from({ length: COMMITS }, (_, n) => create(n)));
  await eventually("the last commit is told of", () => heard.at(-1) === COMMITS);
  expect(heard).toEqual(heard.toSorted((a, b) => a - b));
  // How many is up to the machine; one for each it would be without waiting.
  expect(heard.length).toBeLessThan(COMMITS);
});
