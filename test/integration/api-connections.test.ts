// What one connection may cost: clients that pipeline, read slowly, or never read at all; with real sockets.
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { ConnectionLimits } from "../../services/api/http/connections";
import { close, listen, newServer, urlOf } from "../../services/api/http/server";
import { product } from "../helpers/examples";
import { startGateway } from "../helpers/gateway";

const LARGE = Buffer.alloc(512 * 1024, "x");
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const dial = async (address: string): Promise<Socket> => {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname).on("error", () => undefined);
  ends.unshift(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
};

/** A server, one client of it, and the server's end of that client's connection. */
const startServer = async (listener: RequestListener, limits: ConnectionLimits = {}) => {
  const server = newServer(listener, limits);
  const accepted = once(server, "connection") as Promise<[Socket]>;
  await listen(server, "127.0.0.1", 0);
  ends.push(() => close(server));
  const client = await dial(urlOf(server) ?? "");
  const [peer] = await accepted;
  return { server, client, peer };
};

/** Resolves when nothing of what it watches has changed for a while. */
const quiet = async (watch: () => number): Promise<void> => {
  for (let last = -1, times = 0; times < 10; await setTimeout(20)) {
    times = watch() === last ? times + 1 : 0;
    last = watch();
  }
};

/** Reads until the other end closes. */
const readAll = async (socket: Socket): Promise<string> => {
  let text = "";
  for await (const chunk of socket.setEncoding("latin1")) text += String(chunk);
  return text;
};

test("however many requests a client sends without reading, one answer waits for it", async () => {
  let begun = 0;
  let most = 0;
  const { client, peer } = await startServer((_req, res) => {
    begun += 1;
    res.end(LARGE);
    most = Math.max(most, peer.writableLength);
  });
  client.pause().write(GET.repeat(150));
  await quiet(() => begun + peer.writableLength);
  // Some have gone into the buffers of the two kernels.
  expect(begun).toBeLessThan(100);
  expect(most).toBeLessThanOrEqual(LARGE.length + 1000);
  expect(peer.writableLength).toBeLessThanOrEqual(LARGE.length + 1000);
});

test("so it is at the gateway, also for ready-made answers", async () => {
  const gateway = await startGateway();
  const page = {
    items: Array.from({ length: 90 }, (_, index) => ({
      ...product,
      id: `prd_${index}`,
      description: "x".repeat(5000),
    })),
    page: 1,
    limit: 100,
    total: 90,
    pages: 1,
    nextCursor: null,
  };
  gateway.fakes["products.list"] = async () => page;
  await gateway.send("GET /api/products");
  const client = await dial(gateway.address);
  const head = `Host: a\r\nAuthorization: Bearer ${gateway.token("usr_1")}\r\n\r\n`;
  client
    .pause()
    .write(`${"GET /api/products HTTP/1.1\r\nHost: a\r\n\r\n".repeat(150)}GET /api/orders/ord_1 HTTP/1.1\r\n${head}`);
  await quiet(() => client.bytesRead);
  expect(gateway.calls.filter(({ action }) => action === "orders.get")).toEqual([]);
});

test("a client that takes nothing of what waits for it is cut off, whatever else it sends", async () => {
  const { client, peer } = await startServer((_req, res) => void res.end(LARGE), { lookEveryMs: 20, looks: 5 });
  const cut = once(peer, "close");
  client.pause();
  const nagging = setInterval(() => client.write(GET), 5);
  ends.unshift(() => clearInterval(nagging));
  await cut;
  expect(peer.writableFinished).toBe(false);
});

test("a slow one that takes a little each time gets all of it", async () => {
  const { client } = await startServer((_req, res) => void res.end(Buffer.alloc(20 * LARGE.length)), {
    lookEveryMs: 20,
    looks: 50,
  });
  client.pause().write(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  let bytes = 0;
  for (let open = true; open;) {
    await setTimeout(5);
    const chunk = client.read() as Buffer | null;
    bytes += chunk?.length ?? 0;
    open = !client.readableEnded && !client.destroyed;
  }
  expect(bytes).toBeGreaterThan(20 * LARGE.length);
});

test("pipelined answers come in the order of their requests, each begun when the one before is done", async () => {
  const open = new Set<string>();
  let most = 0;
  const { client } = await startServer((req, res) => {
    open.add(req.url ?? "");
    most = Math.max(most, open.size);
    void setTimeout(Math.random() * 3).then(() => {
      open.delete(req.url ?? "");
      res.end(`[${req.url}]`);
    });
  });
  client.write(Array.from({ length: 250 }, (_, index) => GET.replace("/", `/${index}`)).join(""));
  client.write("POST /250 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhe");
  await setTimeout(30);
  client.write("llo");
  const text = await readAll(client);
  expect([...text.matchAll(/\[\/(\d+)\]/g)].map(([, index]) => Number(index))).toEqual(
    Array.from({ length: 251 }, (_, index) => index),
  );
  expect(most).toBe(1);
});

test("the answer to one request too many says that the connection ends", async () => {
  const { client } = await startServer((req, res) => void res.end(`[${req.url}]`), { waiting: 10 });
  client.write(Array.from({ length: 50 }, (_, index) => GET.replace("/", `/${index}`)).join(""));
  const text = await readAll(client);
  expect([...text.matchAll(/\[\/(\d+)\]/g)].map(([, index]) => Number(index))).toEqual(
    Array.from({ length: 12 }, (_, index) => index),
  );
  expect(text.match(/Connection: close/g)).toHaveLength(1);
  expect(text.endsWith("[/11]")).toBe(true);
});

test("a client that sends for ever and reads nothing is not listened to for ever", async () => {
  let parsed = 0;
  const { client, server, peer } = await startServer(
    (_req, res) => void setTimeout(60_000, undefined, { ref: false }).then(() => res.end()),
  );
  server.on("request", () => (parsed += 1));
  client.pause();
  const flood = GET.repeat(1000);
  for (let count = 0; count < 400; count += 1) client.write(flood);
  if (!peer.destroyed) await once(peer, "close");
  // Of 400 000: what came in the same piece is parsed all the same.
  expect(parsed).toBeLessThan(10_000);
});
