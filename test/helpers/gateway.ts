// A gateway over services that do what a test says.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { sign } from "jsonwebtoken";
import { Type } from "@sinclair/typebox";
import { ServiceBroker } from "moleculer";
import { orders } from "../../contracts/orders";
import { payments } from "../../contracts/payments";
import type { productEvents } from "../../contracts/product-events";
import { products } from "../../contracts/products";
import { type userEvents, users } from "../../contracts/users";
import { ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE } from "../../lib/access/access-tokens";
import type { ActionContract, Actor, EventOf, EventSchemas } from "../../lib/contract";
import { EventStore } from "../../lib/events/event-store";
import type { AnyHandler } from "../../lib/moleculer/action";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { defineService } from "../../lib/moleculer/service";
import { brokerOptions } from "../../moleculer.config";
import { endingsPage } from "../../services/users/endings";
import type { Store } from "../../lib/store/store";
import { fileOf } from "../../service-files";
import { openOnce } from "./around-store";
import { temporaryFolder } from "./broker";
import { type AnyFake, type Fakes, happyFakes } from "./gateway-fakes";
import { type Answered, ask, type Asked } from "./http";
import { Recorder } from "./recorder";
import { temporaryStore } from "./store";

const contracts = { users, products, orders, payments };
type Service = keyof typeof contracts;
const SERVICES: readonly Service[] = ["users", "products", "orders", "payments"];

/** What processes ask on their own account, which is no test's business. */
const BACKSTAGE: ReadonlySet<string> = new Set(["users.jwks", "users.endings", "users.standing"]);

export interface Gateway {
  address: string;
  broker: ServiceBroker;
  /** What the services do; a test may change it at any time. */
  fakes: Fakes;
  /** Every call that reached a service, oldest first. */
  calls: { action: string; params: unknown; actor: Actor | undefined; requestId: string | null }[];
  logs: readonly string[];
  /** Sends a request: `send("POST /api/orders", { body })`. */
  send(line: string, asked?: Asked): Promise<Answered>;
  /** A token of an account that stood at `version` (by default 1). */
  token(userId: string, role?: Actor["role"], session?: string, version?: number): string;
  /** Commits an event of the users' or the products' log, and nudges. */
  users: EventStore<typeof userEvents>;
  products: EventStore<typeof productEvents>;
  /** Set it, and no nudge arrives any more. */
  nudges: { lost: boolean };
  /** Starts a service that was absent. */
  add(service: Service): Promise<void>;
  stop(): Promise<void>;
}

const running = new Set<Gateway>();
afterAll(async () => {
  for (const gateway of running) await gateway.stop();
});

/** One commit of one event, at the end of its stream. */
export const commit = async <S extends EventSchemas>(
  log: EventStore<S>,
  stream: string,
  event: EventOf<S>,
): Promise<void> => {
  const version = (await log.getEvents(stream)).length;
  await log.append([{ stream, expectedVersion: version, events: [event] }]);
};

export interface GatewaySettings {
  env?: Readonly<Record<string, string>>;
  /** Services that are not there. */
  absent?: readonly Service[];
  now?: () => Date;
}

/** Starts a gateway and, beside it, services that answer with a mug, an order, and Kim. */
export const startGateway = async ({
  env = {},
  absent = [],
  now = () => new Date(),
}: GatewaySettings = {}): Promise<Gateway> => {
  const nodeName = `test-${randomUUID()}`;
  const recorder = new Recorder();
  const logs = {} as Pick<Gateway, "users" | "products">;
  const stores = new Map<string, Store>();
  for (const service of absent) {
    // What happened there before it can be called.
    const store = openOnce(await temporaryStore());
    stores.set(service, store);
    Object.assign(logs, { [service]: await EventStore.open(store, now) });
  }
  const broker = new ServiceBroker({
    ...brokerOptions(
      { DATA_DIR: temporaryFolder(), PORT: "0", NODE_NAME: nodeName, ...env },
      { now, openStore: async service => stores.get(service) ?? temporaryStore() },
    ),
    logger: recorder,
    nodeID: nodeName,
    metadata: {},
  });
  const nudges = { lost: false };
  const emit = broker.emit.bind(broker);
  broker.emit = (name: string, payload?: unknown) => (nudges.lost ? Promise.resolve() : emit(name, payload));

  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "k1", alg: ALGORITHM, use: "sig" } as Record<
    string,
    string
  >;
  const fakes = happyFakes({ jwk, endings: request => endingsPage(logs.users, request, now()) });

  const calls: Gateway["calls"] = [];
  const add = async (service: Service) => {
    const contract: Readonly<Record<string, ActionContract>> = contracts[service];
    const actions = Object.keys(contract)
      .filter(key => key !== "health" && key !== "feed")
      .map(key => {
        const action = `${service}.${key}`;
        const handler: AnyHandler = async ({ params, metadata, caller }, actor) => {
          if (!BACKSTAGE.has(action)) calls.push({ action, params, actor, requestId: metadata.requestId ?? null });
          const answer = (fakes as Record<string, AnyFake | undefined>)[action];
          if (!answer) throw new Error(`Nobody said what ${action} does`);
          return answer(params, actor, caller);
        };
        return [key, handler] as const;
      });
    const factory = defineService(service, contract, {
      settings: Type.Object({}),
      events: {},
      open: async ({ events }) => {
        Object.assign(logs, { [service]: events });
        return { actions: Object.fromEntries(actions) as never };
      },
    });
    broker.createService(factory(broker));
    if (broker.started) await broker.waitForServices(service);
  };
  for (const service of SERVICES) if (!absent.includes(service)) await add(service);
  broker.loadService(fileOf("api"));
  try {
    await broker.start();
  } catch (error) {
    await broker.stop();
    throw error;
  }

  // From here on it knows what is there, and keeps answers.
  if (!absent.includes("products")) await broker.emit("products.appended", { position: 0 });
  const address = runtimeOf(broker).address ?? "";
  const gateway: Gateway = {
    address,
    broker,
    fakes,
    calls,
    logs: recorder.lines,
    send: (line, asked) => ask(address, line, asked),
    token: (userId, role = "customer", session = `ses-${userId}`, version = 1) => {
      const iat = Math.floor(now().getTime() / 1000);
      return sign(
        { iss: ISSUER, aud: AUDIENCE, sub: userId, role, sid: session, ver: version, iat, exp: iat + 900 },
        privateKey,
        { algorithm: ALGORITHM, header: { alg: ALGORITHM, typ: TOKEN_TYPE, kid: "k1" } },
      );
    },
    ...logs,
    nudges,
    add,
    async stop() {
      if (running.delete(gateway)) await broker.stop();
    },
  };
  running.add(gateway);
  return gateway;
};
