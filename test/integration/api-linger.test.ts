// Who was told that his bytes are no HTTP is let go, whether or not he closes his end; and not before he could take the
// answer.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { answerUnreadable, refuseConnect } from "../../services/api/http/client-errors";

/** Of Node's own limits none ends a connection here: only what is tested does. */
const UNLIMITED = { headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0, connectionsCheckingInterval: 2 ** 30 };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const startServer = async (linger: number) => {
  const server: Server = createServer(UNLIMITED);
  server.on("clientError", answerUnreadable("en", linger));
  server.on("connect", refuseConnect("en", linger));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => server.close());
  const at = server.address();
  const port = typeof at === "object" && at ? at.port : 0;
  /** A client that keeps its end open, and the server's end of the connection. */
  const dial = async () => {
    const accepted = once(server, "connection") as Promise<[Socket]>;
    const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => undefined);
    ends.unshift(() => client.destroy());
    const [peer] = await accepted;
    return { client, closed: new Promise(resolve => peer.once("close", resolve)), peer };
  };
  return dial;
};

const HELLO = "hello\r\n\r\n";
const CONNECT = "CONNECT shop.example:443 HTTP/1.1\r\nHost: a\r\n\r\n";

test.each([
  ["reads the answer and keeps its end open", HELLO, (client: Socket) => client.resume()],
  ["never reads", HELLO, (client: Socket) => client.pause()],
  [
    "goes on sending",
    HELLO,
    (client: Socket) => {
      const nagging = setInterval(() => client.write("x"), 5);
      ends.unshift(() => clearInterval(nagging));
    },
  ],
  ["asks for a tunnel and keeps its end open", CONNECT, (client: Socket) => client.resume()],
  ["asks for a tunnel and never reads", CONNECT, (client: Socket) => client.pause()],
])("a client that %s is let go", async (_what, bytes, behave) => {
  const { client, closed } = await (await startServer(20))();
  client.write(bytes);
  behave(client);
  await closed;
});

test("nothing is closed over a client that is about to take the answer", async () => {
  const { client, peer } = await (await startServer(3_600_000))();
  let said = "";
  client.setEncoding("utf8").on("data", (text: string) => (said += text));
  // More than is read: closing now would reset the connection, and cost the client what is still on its way.
  client.write(`${HELLO}${"x".repeat(1_000_000)}`);
  await once(client, "end");
  expect(said).toMatch(/^HTTP\/1\.1 400 [^]*"code":"MALFORMED_REQUEST"/);
  expect(peer.destroyed).toBe(false);
});
