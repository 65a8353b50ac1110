// Who counts as dead: each node by the silence that it has announced, a stock broker by Moleculer's default.
import { allowedSilence, Discovery } from "../../lib/heartbeats";
import { nodeAt } from "../../lib/restarts";

test("ours announce three seconds; who announces nothing usable is a stock broker", () => {
  expect(allowedSilence(nodeAt("orders-a", 1).metadata)).toBe(3);
  expect(allowedSilence({ heartbeatTimeout: 90 })).toBe(90);
  const unusable = [undefined, null, {}, "3", ...["3", 0, -1, Number.NaN, Infinity, 1e9, null].map(heartbeatTimeout => ({ heartbeatTimeout }))];
  for (const metadata of unusable) expect([metadata, allowedSilence(metadata)]).toEqual([metadata, 30]);
});

describe("the regular look at all nodes", () => {
  let seconds = 1000;
  beforeEach(() => void jest.spyOn(process, "uptime").mockImplementation(() => seconds));
  afterEach(() => void jest.restoreAllMocks());

  /** A discovery that knows these nodes, which were last heard of so many seconds ago. */
  const knowing = (nodes: readonly { id: string; silent: number; metadata?: object; local?: boolean; available?: boolean }[]) => {
    const gone: string[] = [];
    const discovery = new Discovery();
    const known = nodes.map(({ silent, ...node }) => ({ local: false, available: true, ...node, lastHeartbeatTime: seconds - silent }));
    const registry = { nodes: { toArray: () => known, disconnected: (id: string) => gone.push(id) } };
    Object.assign(discovery, { registry, logger: { warn: () => undefined } });
    return { discovery, gone };
  };
  const { metadata } = nodeAt("orders-a", 1);

  test("misses one of ours after its three seconds, and a guest after its thirty", () => {
    const ours = [{ id: "ours-3", silent: 3, metadata }, { id: "ours-4", silent: 4, metadata }];
    const guests = [{ id: "guest-10", silent: 10, metadata: {} }, { id: "guest-30", silent: 30 }, { id: "guest-31", silent: 31 }];
    const others = [{ id: "itself", silent: 99, metadata, local: true }, { id: "gone", silent: 99, metadata, available: false }];
    const { discovery, gone } = knowing([...ours, ...guests, ...others]);
    discovery.checkRemoteNodes();
    expect(gone).toEqual(["ours-4", "guest-31"]);
  });

  test.each([5, 6, 7, 60])("blames nobody for a silence of %i s in which this process itself was held up", held => {
    const { discovery, gone } = knowing([{ id: "ours", silent: 0, metadata }]);
    discovery.checkRemoteNodes();
    seconds += held;
    discovery.checkRemoteNodes();
    expect(gone).toEqual([]);
    seconds += 3;
    discovery.checkRemoteNodes();
    expect(gone).toEqual(["ours"]);
  });
});
