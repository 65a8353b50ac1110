// The whole public surface. Nothing else is reachable; who may call is said by the action's contract.
import type { Order, OrderLine } from "../../contracts/orders";
import { versionsForm } from "./routing/if-match";
import { own, type NamedHeader, type Route, to } from "./routing/route";

const optionalKey = { name: "Idempotency-Key", param: "idempotencyKey" } as const satisfies NamedHeader;
const neededKey = { ...optionalKey, missing: "IDEMPOTENCY_KEY_REQUIRED" } as const satisfies NamedHeader;
const optionalMatch = { name: "If-Match", param: "ifVersion", form: versionsForm } as const satisfies NamedHeader;
const neededMatch = { ...optionalMatch, missing: "PRECONDITION_REQUIRED" } as const satisfies NamedHeader;

const productsIn = (lines: readonly Pick<OrderLine, "productId">[]) => lines.map(({ productId }) => productId);
const itself = { asked: ({ id }: { id: string }) => [id] };
const itsProducts = { answered: ({ items }: Order) => productsIn(items) };

const account = { shape: "fields", part: "user" } as const;
const product = { notFound: "PRODUCT_NOT_FOUND" } as const;
const order = { notFound: "ORDER_NOT_FOUND" } as const;

export const routes: readonly Route[] = [
  to("POST /api/users/register", "users.register", "Opens an account and signs in.", {
    status: 201,
    shape: "fields",
    headers: [optionalKey],
  }),
  to("POST /api/users/login", "users.login", "Signs in.", { shape: "fields" }),
  to("POST /api/users/refresh", "users.refresh", "Exchanges a refresh token for new tokens; it works once.", {
    shape: "fields",
  }),
  to("POST /api/users/logout", "users.logout", "Ends the session.", { shape: "nothing", endsSessions: true }),
  to("GET /api/users/profile", "users.profile", "The caller's account.", account),
  to("PATCH /api/users/profile", "users.changeProfile", "Changes the caller's name or language.", {
    ...account,
    headers: [optionalMatch],
  }),
  to("POST /api/users/password", "users.changePassword", "Changes the caller's password and ends every session.", {
    shape: "nothing",
    headers: [optionalMatch],
    endsSessions: true,
  }),
  to("GET /api/users", "users.list", "All accounts."),
  to("GET /api/users/:id", "users.get", "One account.", { ...account, notFound: "USER_NOT_FOUND" }),
  to("PATCH /api/users/:id", "users.change", "Changes an account's role, or disables it.", {
    ...account,
    notFound: "USER_NOT_FOUND",
    headers: [optionalMatch],
    endsSessions: true,
  }),
  to("GET /.well-known/jwks.json", "users.jwks", "The keys that verify access tokens (RFC 7517).", {
    shape: "bare",
    cacheControl: "public, max-age=300",
  }),

  to("GET /api/products", "products.list", "A page of the catalogue.", { cached: "list" }),
  to("GET /api/products/categories", "products.categories", "All categories and how many products each has.", {
    cached: "list",
  }),
  to("GET /api/products/:id", "products.get", "One product.", { ...product, cached: { product: "id" } }),
  to("POST /api/products", "products.create", "Adds a product.", {
    status: 201,
    location: { under: "/api/products/", id: ({ id }) => id },
    headers: [optionalKey],
    touches: { answered: ({ id }) => [id] },
  }),
  to("PATCH /api/products/:id", "products.change", "Changes a product.", {
    ...product,
    headers: [neededMatch],
    touches: itself,
  }),
  to("DELETE /api/products/:id", "products.remove", "Takes a product off the catalogue.", {
    ...product,
    shape: "nothing",
    headers: [neededMatch],
    touches: itself,
  }),
  to("POST /api/products/:id/stock", "products.adjustStock", "Adds pieces to a product's stock, or takes some away.", {
    ...product,
    headers: [optionalKey, optionalMatch],
    touches: itself,
  }),

  to("POST /api/orders", "orders.place", "Places an order.", {
    status: 201,
    part: "order",
    final: "settled",
    location: { under: "/api/orders/", id: result => result.order.id, ofRefused: "orderId" },
    headers: [neededKey],
    touches: { asked: ({ items }) => productsIn(items) },
  }),
  to("GET /api/orders", "orders.list", "The caller's orders, newest first; for an admin, everybody's."),
  to("GET /api/orders/:id", "orders.get", "One order.", order),
  to("GET /api/orders/:id/events", "orders.events", "What happened to an order, oldest first.", order),
  to("POST /api/orders/:id/cancel", "orders.cancel", "Cancels an order: its stock and money go back.", {
    ...order,
    headers: [optionalMatch],
    touches: itsProducts,
  }),
  to("POST /api/orders/:id/ship", "orders.ship", "Says that an order is on its way.", {
    ...order,
    headers: [optionalMatch],
  }),
  to("POST /api/orders/:id/deliver", "orders.deliver", "Says that an order has arrived.", {
    ...order,
    headers: [optionalMatch],
  }),
  to("POST /api/orders/:id/refund", "orders.refund", "Gives an order's money back.", {
    ...order,
    headers: [optionalMatch],
    touches: itsProducts,
  }),

  own("/health/live", "live", "Whether the gateway runs."),
  own("/health/ready", "ready", "Whether everything that the gateway needs answers.", ["SERVICE_UNAVAILABLE"]),
  own("/openapi.json", "openapi", "This document."),
];
