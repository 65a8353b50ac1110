// Rows of the route table that must not compile: what a row says fits its action's contract.
import type { NamedHeader } from "../../services/api/routing/route";
import { own, to } from "../../services/api/routing/route";

const key = { name: "Idempotency-Key", param: "idempotencyKey" } as const satisfies NamedHeader;
const order = { notFound: "ORDER_NOT_FOUND" } as const;

export const rows = [
  () => to("GET /api/orders/:id", "orders.get", "One order.", order),
  // @ts-expect-error internal actions have no route
  () => to("GET /api/orders", "orders.read", "One order."),
  // @ts-expect-error no such action
  () => to("GET /api/orders", "orders.nothing", "None."),
  // @ts-expect-error a path with an id says what it means that there is none
  () => to("GET /api/orders/:id", "orders.get", "One order."),
  // @ts-expect-error the action never says so
  () => to("GET /api/orders/:id", "orders.get", "One order.", { notFound: "PRODUCT_NOT_FOUND" }),
  // @ts-expect-error it says so, but that is no 404
  () => to("POST /api/orders/:id/ship", "orders.ship", "Ships.", { notFound: "PRECONDITION_FAILED" }),
];

export const results = [
  () => to("POST /api/orders", "orders.place", "Places an order.", { part: "order", final: "settled" }),
  // @ts-expect-error the result has no such part
  () => to("POST /api/orders", "orders.place", "Places an order.", { part: "data" }),
  // @ts-expect-error the result has such a field, but it does not say yes or no
  () => to("POST /api/orders", "orders.place", "Places an order.", { final: "order" }),
  // @ts-expect-error the result has no id of its own
  () => to("POST /api/orders", "orders.place", "Places.", { location: { under: "/api/orders/", id: ({ id }) => id } }),
  () =>
    to("POST /api/products", "products.create", "Adds.", {
      // @ts-expect-error no refusal of the action has such a fact
      location: { under: "/api/products/", id: ({ id }) => id, ofRefused: "orderId" },
    }),
];

export const params = [
  () => to("POST /api/orders", "orders.place", "Places an order.", { headers: [key] }),
  // @ts-expect-error the action takes no such param
  () => to("GET /api/orders", "orders.list", "Lists.", { headers: [key] }),
  // @ts-expect-error a list shows no one product
  () => to("GET /api/products", "products.list", "Lists.", { cached: { product: "id" } }),
];

export const touched = [
  () => to("POST /api/orders", "orders.place", "Places.", { touches: { asked: ({ items }) => items.map(String) } }),
  // @ts-expect-error its params have no id
  () => to("POST /api/orders", "orders.place", "Places.", { touches: { asked: ({ id }) => [id] } }),
  // @ts-expect-error its result has no items, but an order that has
  () => to("POST /api/orders", "orders.place", "Places.", { touches: { answered: ({ items }) => items } }),
];

export const gateway = [
  () => own("/health/ready", "ready", "Ready?", ["SERVICE_UNAVAILABLE"]),
  // @ts-expect-error no such code in the catalogue
  () => own("/health/ready", "ready", "Ready?", ["UNREADY"]),
  // @ts-expect-error the gateway answers no such thing itself
  () => own("/health/ready", "healthy", "Ready?"),
];
