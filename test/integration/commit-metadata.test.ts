// Who caused what users, products and payments have recorded: each commit that came of a request tells the request.
import type { EventSchemas } from "../../lib/contract";
import type { Product } from "../../contracts/products";
import type { SignIn } from "../../contracts/users";
import { EventStore } from "../../lib/events/event-store";
import { startServices } from "../helpers/broker";
import { sharedStores } from "../helpers/instances";
import { temporaryStore } from "../helpers/store";
import { ADMIN, PASSWORD } from "../helpers/users";

const REQUEST = "client-1";

test("commits of users, products and payments tell the request, and who asked", async () => {
  const openStore = sharedStores(() => temporaryStore());
  const shop = await startServices(["users", "products", "payments"], { env: ADMIN, openStore });
  const commitsOf = async (service: string) =>
    (await EventStore.open<EventSchemas>(await openStore(service), () => new Date())).read(0, 1000);
  const before = (await commitsOf("users")).length;
  const ask = async <T>(action: string, params: object, token?: string) =>
    (await shop.broker.call(action, params, {
      requestID: REQUEST,
      headers: token === undefined ? {} : { token },
    })) as T;

  const email = "kim@example.com";
  const { user, token, refreshToken } = await ask<SignIn>("users.register", { email, password: PASSWORD, name: "Kim" });
  const boss = await ask<SignIn>("users.login", { email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD });
  await ask("users.changeProfile", { name: "Lee" }, token);
  await ask("users.change", { id: user.id, role: "admin" }, boss.token);
  await ask("users.refresh", { refreshToken }).catch(() => undefined);
  await ask("users.changePassword", { currentPassword: ADMIN.ADMIN_PASSWORD, newPassword: PASSWORD }, boss.token);
  const { token: again } = await ask<SignIn>("users.login", { email: ADMIN.ADMIN_EMAIL, password: PASSWORD });

  const price = { amount: 500, currency: "USD" };
  const mug = { sku: "MUG", name: "Mug", category: "kitchen", price, stock: 5 };
  const { id } = await ask<Product>("products.create", mug, again);
  await ask("products.change", { id, name: "Cup" }, again);
  await ask("products.adjustStock", { id, delta: 1 }, again);
  await ask("products.adjustStock", { id, delta: 1, idempotencyKey: "k" }, again);
  await ask("products.reserve", { orderId: "o", lines: [{ productId: id, quantity: 1 }] });
  await ask("products.sell", { orderId: "o" });
  await ask("products.release", { orderId: "o" });
  await ask("products.remove", { id }, again);

  await ask("payments.authorize", { orderId: "o", amount: price, method: "sandbox:ok" });
  await ask("payments.capture", { orderId: "o" });
  await ask("payments.cancel", { orderId: "o" });
  await ask("users.logout", {}, again);

  const causes = async (service: string, from = 0) =>
    (await commitsOf(service)).slice(from).map(({ metadata }) => [metadata?.requestId, metadata?.actorId]);
  const [admin, nobody] = [boss.user.id, undefined];
  expect(await causes("users", before)).toEqual([nobody, user.id, admin, admin, admin].map(actor => [REQUEST, actor]));
  expect(await causes("products")).toEqual(
    [admin, admin, admin, admin, nobody, nobody, nobody, admin].map(actor => [REQUEST, actor]),
  );
  expect(await causes("payments")).toEqual(Array.from({ length: 6 }, () => [REQUEST, nobody]));
});
