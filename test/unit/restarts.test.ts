// A successor takes the place of a dead process: told by its name and its later start, and by nothing else.
import type { ServiceBroker } from "moleculer";
import { nodeAt, replaceDeadNodes } from "../../lib/moleculer/middlewares/replace-dead-nodes";

type Handle = (command: string, packet: object) => unknown;

/** A broker that knows these nodes, and what happens to them when a message comes. */
const hearing = (nodes: readonly object[]) => {
  const gone: string[] = [];
  const broker = { registry: { nodes: { toArray: () => nodes, disconnected: (id: string) => gone.push(id) } } };
  const { created, transitMessageHandler } = replaceDeadNodes();
  created?.(broker as unknown as ServiceBroker);
  const handle = (transitMessageHandler as unknown as (next: Handle) => Handle)(() => "handled");
  return {
    gone,
    hear: (command: string, sender: string, metadata?: object) => handle(command, { payload: { sender, metadata } }),
  };
};

const node = (name: string, startedAt: number, more: object = {}) => ({
  id: `${name}-${startedAt}`,
  available: true,
  local: false,
  metadata: { name, startedAt },
  ...more,
});

test("each start of one name is another node", () => {
  expect(nodeAt("orders-a", 1000).nodeID).not.toBe(nodeAt("orders-a", 2000).nodeID);
  expect(nodeAt("orders-a", 1000).metadata).toMatchObject({ name: "orders-a", startedAt: 1000 });
});

test("a later start of the same name replaces the earlier one, and the message goes its way", () => {
  const { gone, hear } = hearing([node("orders-a", 1), node("orders-a", 2)]);
  expect(hear("INFO", "orders-a-2", { name: "orders-a", startedAt: 2 })).toBe("handled");
  expect(gone).toEqual(["orders-a-1"]);
});

test("it does not replace a later start than the sender's", () => {
  const { gone, hear } = hearing([node("orders-a", 3)]);
  hear("INFO", "orders-a-2", { name: "orders-a", startedAt: 2 });
  expect(gone).not.toContain("orders-a-3");
});

test("one that hung and was replaced is not taken back when it wakes and says hello", () => {
  const { gone, hear } = hearing([node("orders-a", 1), node("orders-a", 2)]);
  hear("INFO", "orders-a-1", { name: "orders-a", startedAt: 1 });
  expect(gone).toEqual(["orders-a-1"]);
});

test.each<[string, object, string, object | undefined]>([
  ["another name", node("orders-b", 1), "INFO", { name: "orders-a", startedAt: 2 }],
  ["one of the same start", node("orders-a", 2), "INFO", { name: "orders-a", startedAt: 2 }],
  ["this very process", node("orders-a", 1, { local: true }), "INFO", { name: "orders-a", startedAt: 2 }],
  [
    "one that is known to be gone",
    node("orders-a", 1, { available: false }),
    "INFO",
    { name: "orders-a", startedAt: 2 },
  ],
  ["a node without a name", node("orders-a", 1, { metadata: {} }), "INFO", { name: "orders-a", startedAt: 2 }],
  ["anybody, when the sender has no name", node("orders-a", 1), "INFO", undefined],
  ["anybody, by any other message", node("orders-a", 1), "HEARTBEAT", { name: "orders-a", startedAt: 2 }],
])("it does not replace %s", (_what, other, command, metadata) => {
  const { gone, hear } = hearing([other]);
  hear(command, "orders-a-2", metadata);
  expect(gone).toEqual([]);
});
