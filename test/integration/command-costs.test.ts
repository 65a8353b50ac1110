// What commands ask of the log: a stream is read once, what was just written is not read back.
import type { paymentEvents } from "../../contracts/payments";
import type { productEvents } from "../../contracts/product-events";
import { EventStore } from "../../lib/events/event-store";
import { SandboxProvider } from "../../services/payments/sandbox-provider";
import { PaymentCommands } from "../../services/payments/payment-commands";
import { PaymentProcess } from "../../services/payments/payment-process";
import { openProducts } from "../../services/products/open-products";
import { adjustStock, create } from "../../services/products/product.rules";
import { changeProfile } from "../../services/users/account.rules";
import { accountsOn } from "../helpers/accounts";
import { type Cost, countingStore } from "../helpers/counting-store";
import { temporaryStore } from "../helpers/store";

type Costs = readonly [step: string, reads: number, looks: number, appends: number];

/** What each step costs, one after the other. */
const costsOf = async (
  costOf: (work: () => Promise<unknown>) => Promise<Cost>,
  steps: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Costs[]> => {
  const costs: Costs[] = [];
  for (const [name, step] of Object.entries(steps)) {
    const { reads, looks, appends } = await costOf(step);
    costs.push([name, reads, looks, appends]);
  }
  return costs;
};

const now = () => new Date();
const detailsOf = (sku: string) => ({
  sku,
  name: "Mug",
  description: "",
  category: "kitchen",
  price: { amount: 500, currency: "USD" },
  stock: 50,
  images: [],
  attributes: {},
  rating: null,
});

test("products: an order of two of them is reserved, sold and given back", async () => {
  const { store, costOf } = countingStore(await temporaryStore());
  const log = await EventStore.open<typeof productEvents>(store, now);
  const { commands, reservations } = openProducts(log);
  const add = (id: string) => commands.createOnce({ id, details: detailsOf(id), events: create(detailsOf(id), "USD") });
  const lines = ["a", "b"].map(productId => ({ productId, quantity: 1 }));
  expect(
    await costsOf(costOf, {
      "create a product": () => add("a"),
      "create another": () => add("b"),
      reserve: () => reservations.reserve("o", lines),
      sell: () => reservations.sell("o"),
      "sell again": () => reservations.sell("o"),
      release: () => reservations.release("o"),
      "adjust stock": () => commands.change("a", state => adjustStock(state, 1)),
      "adjust stock with a key": () =>
        commands.changeOnce("a", { stream: "k", requestHash: "h" }, state => adjustStock(state, 1)),
    }),
  ).toEqual([
    ["create a product", 2, 0, 1],
    ["create another", 2, 0, 1],
    ["reserve", 0, 0, 1],
    ["sell", 0, 0, 1],
    ["sell again", 0, 1, 0],
    ["release", 0, 0, 1],
    ["adjust stock", 0, 0, 1],
    ["adjust stock with a key", 1, 0, 1],
  ]);
});

test("users: an account is opened, changed and entered", async () => {
  const { store, costOf } = countingStore(await temporaryStore());
  const { accounts, registrations, passwords } = await accountsOn(store);
  const kim = { email: "kim@example.com", name: "Kim", role: "customer", locale: "en" } as const;
  expect(
    await costsOf(costOf, {
      register: () => registrations.registerOnce("usr_1", kim, "correct horse"),
      "the first admin": () => registrations.registerFirstAdmin("usr_2", { ...kim, email: "a@example.com" }, "horse"),
      "sign in": () => passwords.authenticate(kim.email, "correct horse"),
      "change the profile": () => accounts.change("usr_1", account => changeProfile(account, { name: "Lee" })),
      "change the role": () => accounts.administrate("usr_1", { role: "admin" }),
      "change the password": () => passwords.changePassword({ id: "usr_2", version: 1 }, "horse", "battery staple"),
    }),
  ).toEqual([
    ["register", 1, 0, 1],
    ["the first admin", 2, 0, 1],
    ["sign in", 0, 2, 0],
    ["change the profile", 0, 0, 1],
    ["change the role", 0, 0, 1],
    ["change the password", 0, 1, 1],
  ]);
});

test("payments: an amount is held, taken and given back", async () => {
  const { store, costOf } = countingStore(await temporaryStore());
  const commands = new PaymentCommands(await EventStore.open<typeof paymentEvents>(store, now));
  const payment = new PaymentProcess(commands, await SandboxProvider.open(await temporaryStore()));
  const amount = { amount: 1999, currency: "USD" };
  expect(
    await costsOf(costOf, {
      authorize: () => payment.authorize({ orderId: "o", amount, method: "sandbox:ok" }),
      capture: () => payment.capture("o"),
      cancel: () => payment.cancel("o"),
    }),
  ).toEqual([
    ["authorize", 0, 0, 2],
    ["capture", 0, 0, 2],
    ["cancel", 0, 0, 2],
  ]);
});
