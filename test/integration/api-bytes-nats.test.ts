// What a service answers goes through the gateway as the bytes that came over NATS; and is printed once where all are
// in one process.
import { ServiceBroker } from "moleculer";
import { Refusal } from "../../lib/refusal";
import { routes } from "../../services/api/routes";
import { order, pageOf, product } from "../helpers/examples";
import { type Gateway, startGateway } from "../helpers/gateway";
import { describeWithNats, type ServerProcess, startNats } from "../servers";

const NAME = '머그 "하나" \\ 둘';
/** Part of it, as it stands in values and in JSON. */
const MARK = "머그 ";
const hasMark = (json: unknown) => String(json).includes(MARK);
const mug = { ...product, name: NAME };

/** How often JSON with the mark is made and read in this process while something is done. */
const workFor = async (what: () => Promise<string>) => {
  const parse = jest.spyOn(JSON, "parse");
  const stringify = jest.spyOn(JSON, "stringify");
  try {
    const text = await what();
    const parsed = parse.mock.calls.filter(([json]) => hasMark(json)).length;
    const printed = stringify.mock.results.filter(({ value }) => hasMark(value)).length;
    return { text, parsed, printed };
  } finally {
    parse.mockRestore();
    stringify.mockRestore();
  }
};

/** The body of an answer, which nobody has parsed. */
const bodyAt = (gateway: Gateway, path: string, token?: string) => async () => {
  const answer = await fetch(gateway.address + path, token ? { headers: { authorization: `Bearer ${token}` } } : {});
  return answer.text();
};

const setAll = ({ fakes }: Gateway) => {
  fakes["products.get"] = async () => mug;
  fakes["products.list"] = async () => pageOf(...Array.from({ length: 20 }, () => mug));
};

test("in one process a page is printed once, and a record too", async () => {
  const gateway = await startGateway();
  setAll(gateway);
  for (const path of ["/api/products?page=2", "/api/products/prd_2"]) {
    const { text, ...work } = await workFor(bodyAt(gateway, path));
    expect(work).toEqual({ parsed: 0, printed: 1 });
    expect(text).toContain(JSON.stringify(NAME));
  }
  await gateway.stop();
});

describeWithNats("a gateway over NATS", () => {
  let nats: ServerProcess;
  let near: Gateway;
  let far: Gateway;
  const SERVICES = ["users", "products", "orders", "payments"] as const;
  beforeAll(async () => {
    nats = await startNats();
    const env = { NATS_URL: nats.url };
    near = await startGateway({ env });
    far = await startGateway({ env, absent: SERVICES });
    await far.broker.waitForServices([...SERVICES]);
    setAll(near);
  });
  afterAll(async () => {
    await far.stop();
    await near.stop();
    await nats.stop();
  });

  test("neither parses nor prints a page or a record: its service prints it, once", async () => {
    const token = near.token("usr_1");
    near.fakes["orders.get"] = async () => ({ ...order, shippingAddress });
    const shippingAddress = { name: NAME, line1: "종로 1", city: "서울", postalCode: "03154", country: "KR" };
    for (const path of ["/api/products?page=2", "/api/products/prd_2", "/api/orders/ord_2"]) {
      const { text, ...work } = await workFor(bodyAt(far, path, token));
      expect({ path, ...work }).toEqual({ path, parsed: 0, printed: 1 });
      expect(text).toContain(JSON.stringify(NAME));
    }
  });

  test("gives every read the answer that a gateway beside the services gives, to the letter", async () => {
    const token = near.token("usr_1", "admin");
    const reads = routes.filter(({ method, path }) => method === "GET" && path.startsWith("/api/"));
    expect(reads.length).toBeGreaterThan(8);
    for (const { path } of reads) {
      const line = `GET ${path.replace(":id", "x_1")}`;
      const [here, there] = [await near.send(line, { token }), await far.send(line, { token })];
      const told = ({
        status,
        text,
        headers: { etag, "content-length": length, "cache-control": cache },
      }: typeof here) => ({
        line,
        status,
        text,
        etag,
        length,
        cache,
      });
      expect(told(there)).toEqual(told(here));
      expect(there.status).toBe(200);
      const again = await far.send(line, { token, headers: { "if-none-match": String(here.headers.etag) } });
      expect([line, again.status, again.text]).toEqual([line, 304, ""]);
    }
  });

  test("refuses as ever", async () => {
    near.fakes["products.get"] = async () => {
      throw new Refusal("PRODUCT_NOT_FOUND");
    };
    const answer = await far.send("GET /api/products/prd_3");
    expect([answer.status, answer.json().code]).toEqual([404, "PRODUCT_NOT_FOUND"]);
    setAll(near);
  });
});

describeWithNats("a guest with a stock Moleculer broker", () => {
  let nats: ServerProcess;
  let gateway: Gateway;
  let guest: ServiceBroker;
  beforeAll(async () => {
    nats = await startNats();
    gateway = await startGateway({ env: { NATS_URL: nats.url }, absent: ["products"] });
    guest = new ServiceBroker({
      namespace: "jangteo",
      nodeID: "guest",
      transporter: { type: "NATS", options: { servers: nats.url } },
      logger: false,
    });
    guest.createService({
      name: "products",
      actions: { get: () => mug },
    });
    await guest.start();
    await gateway.broker.waitForServices("products");
    await guest.waitForServices("users");
  });
  afterAll(async () => {
    await guest.stop();
    await gateway.stop();
    await nats.stop();
  });

  test("answers through the gateway, and reads what the shop's services answer", async () => {
    const answer = await gateway.send("GET /api/products/prd_1");
    expect([answer.json().data, answer.headers.etag]).toEqual([mug, '"3"']);
    expect(await guest.call("users.jwks")).toMatchObject({ keys: [{ kid: "k1" }] });
  });

  test("may print its packets as it likes", async () => {
    const serialize = jest.spyOn(guest.serializer as { serialize(packet: object): Buffer }, "serialize");
    for (const indent of [2, "\t"]) {
      serialize.mockImplementation(packet => Buffer.from(JSON.stringify(packet, null, indent)));
      expect((await gateway.send(`GET /api/products/prd_indent_${indent.toString().length}`)).json().data).toEqual(mug);
    }
    serialize.mockImplementation(packet =>
      Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(packet).toReversed()))),
    );
    expect((await gateway.send("GET /api/products/prd_reversed")).json().data).toEqual(mug);
    serialize.mockRestore();
  });
});
