// When a service hears that another one can be reached: at once, when it comes, when it comes back, and not after the
// end.
import { ServiceBroker } from "moleculer";
import { whenReachable } from "../../lib/moleculer/reachable";

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
