// What is counted of a process's calls, in the shape that Moleculer's own metrics have, so that its tools can show it.
import { filtered, type Metric, merged, OTHER, Tally } from "../../lib/moleculer/tally";

const valuesOf = (metrics: readonly Metric[], name: string) => metrics.find(metric => metric.name === name)?.values;
const one = (action: string, took: number) => {
  const tally = new Tally();
  tally.of(action)()(took);
  return tally.list();
};

test("calls are counted by action, with their times, and their failures by type", () => {
  const tally = new Tally();
  const begin = tally.of("orders.place");
  tally.of("orders.read");
  begin()(10);
  begin()(30, "OUT_OF_STOCK");
  begin();
  const metrics = tally.list();
  const labels = { action: "orders.place" };
  expect(valuesOf(metrics, "moleculer.request.total")).toEqual([{ labels, value: 3 }]);
  expect(valuesOf(metrics, "moleculer.request.active")).toEqual([{ labels, value: 1 }]);
  expect(valuesOf(metrics, "moleculer.request.error.total")).toEqual([
    { labels: { ...labels, errorType: "OUT_OF_STOCK" }, value: 1 },
  ]);
  expect(valuesOf(metrics, "moleculer.request.time")).toEqual([{ labels, count: 2, min: 10, mean: 20, max: 30 }]);
});

test("an action that is bound twice is counted once", () => {
  const tally = new Tally();
  for (const begin of [tally.of("a.b"), tally.of("a.b")]) begin()(1);
  expect(valuesOf(tally.list(), "moleculer.request.total")).toEqual([{ labels: { action: "a.b" }, value: 2 }]);
});

test("as many types of errors as a stranger likes do not fill the memory", () => {
  const tally = new Tally();
  const begin = tally.of("a.b");
  for (let type = 0; type < 1000; type += 1) begin()(1, `TYPE_${type}`);
  const errors = valuesOf(tally.list(), "moleculer.request.error.total") ?? [];
  expect(errors.length).toBe(51);
  expect(errors.at(-1)).toEqual({ labels: { action: "a.b", errorType: OTHER }, value: 950 });
});

test.each([
  [{}, 4],
  [{ includes: "moleculer.request.total" }, 1],
  [{ includes: "moleculer.request.*" }, 3],
  [{ includes: ["moleculer.**"], excludes: "**.time" }, 3],
  [{ types: "histogram" }, 1],
  [{ includes: "moleculer?request?total" }, 1],
  [{ includes: "(" }, 0],
])("the filter %j lets %i of the four through", (filter, count) => {
  expect(filtered(one("a.b", 1), filter)).toHaveLength(count);
});

test("of several nodes each name is listed once, and each value says where it is from", () => {
  const metrics = merged({ "orders-1": one("orders.place", 1), "orders-2": one("orders.place", 3) });
  expect(metrics).toHaveLength(4);
  expect(valuesOf(metrics, "moleculer.request.total")).toEqual([
    { labels: { action: "orders.place", node: "orders-1" }, value: 1 },
    { labels: { action: "orders.place", node: "orders-2" }, value: 1 },
  ]);
});
