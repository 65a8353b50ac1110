// The whole public surface. Nothing else is reachable; who may call is said by the action's contract.
import { versionsForm } from "./routing/entity-tags";
import { own, type NamedHeader, type Route, to } from "./routing/route";

const idempotencyKey: NamedHeader = {
  name: "Idempotency-Key",
  param: "idempotencyKey",
  missing: "IDEMPOTENCY_KEY_REQUIRED",
};
const optionalKey: NamedHeader = { name: "Idempotency-Key", param: "idempotencyKey" };
const ifMatch: NamedHeader = {
  name: "If-Match",
  param: "ifVersion",
  missing: "PRECONDITION_REQUIRED",
  form: versionsForm,
};
const optionalMatch: NamedHeader = { name: "If-Match", param: "ifVersion", form: versionsForm };

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
  to("POST /api/users/logout", "users.logout", "Ends the session.", { shape: "nothing", changes: "sessions" }),
  to("GET /api/users/profile", "users.profile", "The caller's account.", { shape: "fields", part: "user" }),
  to("PATCH /api/users/profile", "users.changeProfile", "Changes the caller's name or language.", {
    shape: "fields",
    part: "user",
    headers: [optionalMatch],
  }),
  to("POST /api/users/password", "users.changePassword", "Changes the caller's password and ends every session.", {
    shape: "nothing",
    headers: [optionalMatch],
    changes: "sessions",
  }),
  to("GET /api/users", "users.list", "All accounts."),
  to("GET /api/users/:id", "users.get", "One account.", { shape: "fields", part: "user" }),
  to("PATCH /api/users/:id", "users.change", "Changes an account's role, or disables it.", {
    shape: "fields",
    part: "user",
    headers: [optionalMatch],
    changes: "sessions",
  }),
  to("GET /.well-known/jwks.json", "users.jwks", "The keys that verify access tokens (RFC 7517).", {
    shape: "bare",
    cacheControl: "public, max-age=300",
  }),

  to("GET /api/products", "products.list", "A page of the catalogue.", { cached: "list" }),
  to("GET /api/products/categories", "products.categories", "All categories and how many products each has.", {
    cached: "list",
  }),
  to("GET /api/products/:id", "products.get", "One product.", { cached: "product" }),
  to("POST /api/products", "products.create", "Adds a product.", {
    status: 201,
    location: "/api/products/",
    headers: [optionalKey],
    changes: "catalogue",
  }),
  to("PATCH /api/products/:id", "products.change", "Changes a product.", { headers: [ifMatch], changes: "catalogue" }),
  to("DELETE /api/products/:id", "products.remove", "Takes a product off the catalogue.", {
    shape: "nothing",
    headers: [ifMatch],
    changes: "catalogue",
  }),
  to("POST /api/products/:id/stock", "products.adjustStock", "Adds pieces to a product's stock, or takes some away.", {
    headers: [optionalKey, optionalMatch],
    changes: "catalogue",
  }),

  to("POST /api/orders", "orders.place", "Places an order.", {
    status: 201,
    settled: "settled",
    part: "order",
    location: "/api/orders/",
    headers: [idempotencyKey],
    changes: "catalogue",
  }),
  to("GET /api/orders", "orders.list", "The caller's orders, newest first; for an admin, everybody's."),
  to("GET /api/orders/:id", "orders.get", "One order."),
  to("GET /api/orders/:id/events", "orders.events", "What happened to an order, oldest first."),
  to("POST /api/orders/:id/cancel", "orders.cancel", "Cancels an order: its stock and money go back.", {
    headers: [optionalMatch],
    changes: "catalogue",
  }),
  to("POST /api/orders/:id/ship", "orders.ship", "Says that an order is on its way.", { headers: [optionalMatch] }),
  to("POST /api/orders/:id/deliver", "orders.deliver", "Says that an order has arrived.", { headers: [optionalMatch] }),
  to("POST /api/orders/:id/refund", "orders.refund", "Gives an order's money back.", {
    headers: [optionalMatch],
    changes: "catalogue",
  }),

  own("/health/live", "live", "Whether the gateway runs."),
  own("/health/ready", "ready", "Whether everything that the gateway needs answers."),
  own("/openapi.json", "openapi", "This document."),
];
