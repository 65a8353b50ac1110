// When a service hears that another one can be reached: at once, when it comes, when it comes back, and not after the
// end.
import { ServiceBroker } from "moleculer";
import { eventually } from "../helpers/eventually";
import { onceReachable, whenReachable } from "../../lib/moleculer/reachable";

const broker = new ServiceBroker({ logger: false });
beforeAll(() => broker.start());
afterAll(() => broker.stop());

const come = async (name: string) => {
  broker.createService({ name });
  await broker.waitForServices(name);
};

test("a service is told of once it is there, again when it comes back, and never after the end", async () => {
  await come("products");
  const heard: string[] = [];
  const leave = whenReachable(broker, ["products", "users"], name => heard.push(name));
  expect(heard).toEqual(["products"]);
  await come("users");
  await come("mail");
  expect(heard).toEqual(["products", "users"]);
  await broker.destroyService("users");
  await come("users");
  expect(heard).toEqual(["products", "users", "users"]);
  leave();
  await broker.destroyService("users");
  await come("users");
  expect(heard).toEqual(["products", "users", "users"]);
  expect(broker.localBus.listenerCount("$services.changed")).toBe(0);
});

test("several are waited for together, once; and not for ever", async () => {
  const heard: string[] = [];
  const wait = (names: readonly string[], patienceMs: number) =>
    onceReachable(broker, names, patienceMs, () => heard.push(names.join()));
  wait(["stock", "money"], 60_000);
  await come("stock");
  expect(heard).toEqual([]);
  await come("money");
  expect(heard).toEqual(["stock,money"]);
  await broker.destroyService("money");
  await come("money");
  wait(["stock", "money"], 60_000);
  await Promise.resolve();
  expect(heard).toEqual(["stock,money", "stock,money"]);

  wait(["nobody"], 20)();
  wait(["nowhere"], 20);
  await eventually("the wait for nowhere is over", () => heard.includes("nowhere"));
  expect(heard.slice(2)).toEqual(["nowhere"]);
  expect(broker.localBus.listenerCount("$services.changed")).toBe(0);
});
