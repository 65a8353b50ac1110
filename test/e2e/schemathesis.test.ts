// Strangers' requests by the thousand, as nobody, as a customer and as an admin: no answer that /openapi.json does not
// name.
import { randomUUID } from "node:crypto";
import type { SignIn } from "../../contracts/users";
import { describeWithSchemathesis } from "../servers";
import { type Client, orderFor, PASSWORD } from "./client";
import { type Run, runSchemathesis, type Values } from "./schemathesis";
import { World } from "./world";

/** More examples find more: `SCHEMATHESIS_EXAMPLES=500 SCHEMATHESIS_SEED=7 npm test -- schemathesis`. */
const examples = Number(process.env.SCHEMATHESIS_EXAMPLES ?? 12);
const seed = Number(process.env.SCHEMATHESIS_SEED ?? 1);
const LIMIT = 120_000 + examples * 20_000;

/**
 * These end the session of whoever calls them, or could take his role away: they get runs of their own, with somebody
 * to lose.
 */
const ENDING = ["users.logout", "users.change"];

describeWithSchemathesis("Schemathesis finds no answer that the document does not name", () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ env: { PAYMENT_TIMEOUT_MS: "50" } });
    console.log(`Schemathesis: ${examples} examples per operation and phase, seed ${seed}.`);
  });

  const refund = async (id: string) => world.admin.post(`/api/orders/${id}/refund`);

  /** Ids of what there is, and of what there was; orders of the caller in several states. */
  const whatThereIs = async (buyer: Client): Promise<Run["values"]> => {
    const products = await Promise.all([1_000_000, 1_000_000, 3, 0].map(stock => world.product(stock)));
    const [mug] = products;
    if (!mug) throw new Error("There is no product.");
    const gone = await world.product(1);
    await world.admin.send("DELETE", `/api/products/${gone.id}`, undefined, { "If-Match": "*" });
    const orders = await Promise.all(
      Array.from(
        { length: 6 },
        async () => (await buyer.settledOrder(orderFor([{ productId: mug.id, quantity: 1 }]))).id,
      ),
    );
    const [cancelled, shipped, refunded] = orders;
    await buyer.post(`/api/orders/${cancelled}/cancel`);
    await world.admin.post(`/api/orders/${shipped}/ship`);
    await refund(refunded ?? "");
    const { body } = await world.visitor.post<SignIn>("/api/users/register", {
      email: `${randomUUID()}@example.com`,
      password: PASSWORD,
      name: "Lee",
    });
    const product: Values = { "path.id": [...products, gone].map(({ id }) => id) };
    const change: Values = { ...product, "header.If-Match": ["*", '"1"', '"2", "3"'] };
    const order: Values = { "path.id": orders, "header.If-Match": ["*", '"1"', 'W/"3"'] };
    const place: Values = {
      "body.items[*].productId": [...products, gone].map(({ id }) => id),
      "body.payment.method": ["sandbox:ok", "sandbox:declined", "sandbox:timeout-then-ok"],
    };
    return {
      "products.get": product,
      "products.change": change,
      "products.remove": { ...change, "path.id": [products[2]?.id ?? "", gone.id] },
      "products.adjustStock": change,
      "products.create": { "body.price.currency": ["USD"] },
      "orders.place": place,
      ...Object.fromEntries(["cancel", "ship", "deliver", "refund"].map(name => [`orders.${name}`, order])),
      ...Object.fromEntries(["get", "events"].map(name => [`orders.${name}`, { "path.id": orders }])),
      "users.get": { "path.id": [body.user.id] },
      "users.change": { "path.id": [body.user.id], "header.If-Match": ["*", '"1"'] },
      "users.changeProfile": { "header.If-Match": ["*", '"1"', '"2", "3"'] },
    };
  };

  const fuzz = async (buyer: Client, settings: Pick<Run, "token" | "only" | "without">) => {
    const { address } = world.shop;
    const { code, output } = await runSchemathesis({
      address,
      examples,
      seed,
      values: await whatThereIs(buyer),
      ...settings,
    });
    if (code !== 0) throw new Error(output);
    return output;
  };
  const tokenOf = (client: Client) => client.token ?? "";

  test(
    "to anybody",
    async () => {
      expect(await fuzz(await world.customer(), {})).toMatch(/\d+ generated/);
    },
    LIMIT,
  );

  test(
    "to a customer",
    async () => {
      const customer = await world.customer();
      expect(await fuzz(customer, { token: tokenOf(customer), without: ENDING })).toMatch(/\d+ generated/);
      expect((await customer.get("/api/users/profile")).status).toBe(200);
    },
    LIMIT,
  );

  test(
    "to an admin",
    async () => {
      expect(await fuzz(await world.customer(), { token: tokenOf(world.admin), without: ENDING })).toMatch(
        /\d+ generated/,
      );
      expect((await world.admin.get("/api/users/profile")).status).toBe(200);
    },
    LIMIT,
  );

  test(
    "to an admin who changes somebody's account, and to who signs out",
    async () => {
      const leaving = await world.customer();
      expect(await fuzz(leaving, { token: tokenOf(world.admin), only: ["users.change"] })).toMatch(/\d+ generated/);
      expect((await world.admin.get("/api/users/profile")).status).toBe(200);
      expect(await fuzz(leaving, { token: tokenOf(leaving), only: ["users.logout"] })).toMatch(/\d+ generated/);
      expect((await leaving.get("/api/users/profile")).status).toBe(401);
    },
    LIMIT,
  );

  test("and nothing of it was a fault of the shop's", () => {
    expect(
      world.shop
        .output()
        .split("\n")
        .filter(line => /\b(ERROR|FATAL)\b/.test(line)),
    ).toEqual([]);
  });
});
