// Mistakes that must not compile. Each line under an expectation is wrong; `npm run types` fails when one of them
// passes.
import { type TObject, Type } from "@sinclair/typebox";
import type { users } from "../../contracts/users";
import type { Bus } from "../../lib/moleculer/bus";
import { action, type EventSchemas, type FeedName, type Feeds, object } from "../../lib/contract";
import type { Handlers } from "../../lib/events/feed";
import { Refusal } from "../../lib/refusal";
import type { HandlerOf } from "../../lib/moleculer/action";
import type { Definition } from "../../lib/moleculer/definition";
import { defineService } from "../../lib/moleculer/service";

declare const bus: Bus;
type Users = { [K in keyof typeof users]: HandlerOf<(typeof users)[K]> };
type Follow<F extends FeedName> = Pick<Definition<object, EventSchemas, F, TObject>, "follows"> & {
  on: { [N in F]: Handlers<Feeds[N]> };
};
const follow = <F extends FeedName>(plan: Follow<F>) => plan;

export const calls = [
  () => bus.call("orders.read", { id: "ord_1" }),
  // @ts-expect-error no such action
  () => bus.call("orders.reed", { id: "ord_1" }),
  // @ts-expect-error a param is missing
  () => bus.call("orders.read", {}),
  // @ts-expect-error a param has the wrong type
  () => bus.call("orders.read", { id: 1 }),
  // @ts-expect-error an unknown param
  () => bus.call("orders.read", { id: "ord_1", at: "now" }),
  // @ts-expect-error the result has no such field
  async () => (await bus.call("payments.capture", { orderId: "ord_1" })).state,
  // @ts-expect-error null has to be dealt with
  async () => (await bus.call("orders.read", { id: "ord_1" })).status,
];

export const nudges = [
  () => bus.emit("orders.appended", { position: 1 }),
  // @ts-expect-error no such event
  () => bus.emit("orders.changed", { position: 1 }),
  // @ts-expect-error the payload has another shape
  () => bus.emit("orders.appended", { position: "1" }),
];

export const handlers: readonly Partial<Users>[] = [
  { jwks: async () => ({ keys: [] }) },
  // @ts-expect-error the result has another shape
  { jwks: async () => ({ key: [] }) },
  // @ts-expect-error an action for anyone has no caller
  { jwks: async (_ctx, actor) => ({ keys: [{ kid: actor.id }] }) },
  // @ts-expect-error no such param
  { contact: async ctx => ctx.params.email },
];

export const follows = [
  () => follow({ follows: ["orders"], on: { orders: { OrderConfirmed: event => void event.aggregateId } } }),
  // @ts-expect-error no such feed
  () => follow({ follows: ["mail"], on: { mail: {} } }),
  // @ts-expect-error no such event
  () => follow({ follows: ["orders"], on: { orders: { OrderConfirmd: () => undefined } } }),
  // @ts-expect-error the event's data has no such field
  () => follow({ follows: ["orders"], on: { orders: { PaymentAuthorized: event => void event.data.amount } } }),
];

const ping = { ping: action({ access: "internal", params: object({}), result: object({}) }) };
const settings = Type.Object({ PORT: Type.Integer() });
export const services = [
  () => defineService("pinger", ping, { settings, open: async () => ({ actions: { ping: async () => ({}) } }) }),
  // @ts-expect-error an action has no handler
  () => defineService("pinger", ping, { settings, open: async () => ({ actions: {} }) }),
  () =>
    defineService("pinger", ping, {
      settings,
      // @ts-expect-error no such setting
      open: async ({ settings: { HOST } }) => ({ actions: { ping: async () => ({ HOST }) } }),
    }),
  () =>
    defineService("pinger", ping, {
      settings,
      follows: ["orders"],
      // @ts-expect-error it follows another feed
      open: async () => ({ actions: { ping: async () => ({}) }, on: { users: {} } }),
    }),
];
export const refusals = [
  () => new Refusal("EMAIL_TAKEN"),
  () => new Refusal("VALIDATION_FAILED", { errors: [{ path: "/name", code: "REQUIRED" }] }),
  () => new Refusal("SERVICE_UNAVAILABLE"),
  () => new Refusal("SERVICE_UNAVAILABLE", { missing: ["users"] }),
  // @ts-expect-error no such code in the catalogue
  () => new Refusal("TYPO"),
  // @ts-expect-error any text is no code
  (code: string) => new Refusal(code),
  // @ts-expect-error the code's facts are missing
  () => new Refusal("VALIDATION_FAILED"),
  // @ts-expect-error the facts have another shape
  () => new Refusal("VALIDATION_FAILED", { errors: ["name"] }),
  // @ts-expect-error a sentence, where the catalogue has them
  () => new Refusal("VALIDATION_FAILED", { errors: [{ path: "/name", message: "is required" }] }),
  // @ts-expect-error nothing that the catalogue has a sentence for
  () => new Refusal("VALIDATION_FAILED", { errors: [{ path: "/name", code: "TYPO" }] }),
  // @ts-expect-error the facts that its sentence needs are missing
  () => new Refusal("VALIDATION_FAILED", { errors: [{ path: "/name", code: "TOO_LONG" }] }),
  // @ts-expect-error these are another code's facts
  () => new Refusal("VALIDATION_FAILED", { errors: [{ path: "/name", code: "TOO_LONG", facts: { currency: "USD" } }] }),
  // @ts-expect-error a code that carries no facts
  () => new Refusal("EMAIL_TAKEN", { email: "kim@example.com" }),
];

export const promises = [
  () => action({ access: "user", params: object({}), result: object({}), refuses: ["ORDER_NOT_FOUND"] }),
  // @ts-expect-error an action that clients may call says what it refuses with
  () => action({ access: "user", params: object({}), result: object({}) }),
  // @ts-expect-error no such code in the catalogue
  () => action({ access: "user", params: object({}), result: object({}), refuses: ["ORDER_NOT_FUND"] }),
];
