// The route table leads to public actions only, and OpenAPI says exactly the same.
import { services } from "../../contracts/index";
import { template } from "../../services/api/routing/openapi";
import { sourcesOf } from "../../services/api/routing/params";
import { to } from "../../services/api/routing/route";
import { routes } from "../../services/api/routes";
import { contractOf } from "../../services/api/routing/contracts";
import { document } from "../helpers/openapi-document";

const actionRoutes = routes.flatMap(route => ("action" in route ? [route] : []));

test.each(actionRoutes)("$method $path leads to an action that may be called from outside", route => {
  expect(["anyone", "user", "admin"]).toContain(contractOf(route.action).access);
  expect(() => sourcesOf(route)).not.toThrow();
  if (route.cached) expect(contractOf(route.action).access).toBe("anyone");
});

test("an internal action cannot be routed: not by its type, and not at run time", () => {
  // @ts-expect-error internal
  const route = to("POST /api/reserve", "products.reserve", "Holds stock.");
  expect(() => sourcesOf(route)).toThrow("internal");
  // @ts-expect-error no such action
  expect(() => sourcesOf(to("GET /api/x", "products.nothing", "None."))).toThrow("no contract knows");
  // @ts-expect-error the result has no such part
  to("POST /api/orders", "orders.place", "Places an order.", { part: "nothing" });
});

test("a path param that the action does not take stops the start", () => {
  const row = to("GET /api/products/:sku", "products.get", "One product.", { notFound: "PRODUCT_NOT_FOUND" });
  expect(() => sourcesOf(row)).toThrow("takes sku");
});

test("every action that may be called from outside has a route", () => {
  const routed = new Set<string>(actionRoutes.map(({ action }) => action));
  const all = Object.entries(services).flatMap(([service, { actions }]) =>
    Object.entries(actions).map(([name, { access }]) => ({ name: `${service}.${name}`, access })),
  );
  expect(all.filter(({ name, access }) => access !== "internal" && !routed.has(name))).toEqual([]);
});

test("every method and path is there once", () => {
  const lines = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ":")}`);
  expect(new Set(lines).size).toBe(lines.length);
});

test("OpenAPI has exactly the routes of the table", () => {
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.sort()).toEqual(routes.map(({ method, path }) => `${method} ${template(path)}`).sort());
  expect(document.openapi).toBe("3.1.0");
});
