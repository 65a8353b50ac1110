// What the services behind a test's gateway do: answer with a mug, an order, and Kim, until a test says otherwise.
import type { Actions, Actor, ParamsOf, ResultOf } from "../../lib/contract";
import type { Caller } from "../../lib/moleculer/middlewares/calls-under-way";
import { order, orderSummary, pageOf, product, user } from "./examples";

type Fake<N extends keyof Actions> = (
  params: ParamsOf<Actions[N]>,
  actor: Actor | undefined,
  caller: Caller,
) => Promise<ResultOf<Actions[N]>>;
export type AnyFake = (params: unknown, actor: Actor | undefined, caller: Caller) => Promise<unknown>;
export type Fakes = { [N in keyof Actions]?: Fake<N> };

interface Known {
  /** The key that verifies the tests' tokens. */
  jwk: Record<string, string>;
  endings: NonNullable<Fakes["users.endings"]>;
}

const signIn = { user, token: "t", refreshToken: "r", expiresIn: 900 };

export const happyFakes = ({ jwk, endings }: Known): Fakes => {
  return {
    "users.register": async () => signIn,
    "users.login": async () => signIn,
    "users.refresh": async () => signIn,
    "users.logout": async () => ({}),
    "users.profile": async () => ({ user }),
    "users.changeProfile": async () => ({ user }),
    "users.changePassword": async () => ({}),
    "users.list": async () => pageOf(user),
    "users.get": async () => ({ user }),
    "users.change": async () => ({ user }),
    "users.jwks": async () => ({ keys: [jwk] }),
    "users.endings": endings,
    // Who has an admin's token is one.
    "users.standing": async () => ({ role: "admin" }),
    "products.list": async () => pageOf(product),
    "products.categories": async () => [{ category: "kitchen", count: 1 }],
    "products.get": async () => product,
    "products.create": async () => product,
    "products.change": async () => product,
    "products.remove": async () => ({}),
    "products.adjustStock": async () => product,
    "orders.place": async () => ({ order, settled: true }),
    "orders.list": async () => pageOf(orderSummary),
    "orders.get": async () => order,
    "orders.events": async () => [],
    "orders.cancel": async () => order,
    "orders.ship": async () => order,
    "orders.deliver": async () => order,
    "orders.refund": async () => order,
  };
};
