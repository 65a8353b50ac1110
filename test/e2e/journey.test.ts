// The main job end to end, through HTTP, on the shapes that are one process; the cluster has a file of its own.
import { randomBytes } from "node:crypto";
import { findNode24 } from "../run/second-node";
import { describeWith, describeWithMongo, MONGO, type Server, startMongo } from "../servers";
import { adminJourney } from "./admin";
import { customerJourney } from "./customer";
import type { Settings } from "./processes";
import { World } from "./world";

const START_LIMIT = 90_000;

const journeys = (settings: () => Promise<Settings>) => {
  let world: World;
  beforeAll(async () => {
    world = await World.start(await settings());
  }, START_LIMIT);
  afterAll(async () => {
    expect((await world.shop.end("SIGINT")).code).toBe(0);
  }, START_LIMIT);
  customerJourney(() => world);
  adminJourney(() => world);
};

describe("in one process, on SQLite", () => journeys(async () => ({})));

describeWith("Node 24", findNode24() !== undefined)("in one process, on Node 24", () =>
  journeys(async () => ({ node: findNode24() ?? "" })),
);

describeWithMongo(`in one process, on ${MONGO}`, () => {
  let server: Server;
  journeys(async () => {
    server = await startMongo();
    const url = new URL(server.url);
    url.pathname = `/e2e_${randomBytes(4).toString("hex")}`;
    return { env: { MONGO_URL: url.href, STORE_TIMEOUT_MS: "10000" } };
  });
  afterAll(async () => server.stop());
});
