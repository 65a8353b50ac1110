// The main job end to end on six processes over NATS that keep their data in MongoDB.
import { randomBytes } from "node:crypto";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";
import { adminJourney } from "./admin";
import { customerJourney } from "./customer";
import { World } from "./world";

const LIMIT = 120_000;

describeWithMongo(`as six processes over NATS, on ${MONGO}`, () => {
  let server: Server;
  let world: World;
  beforeAll(async () => {
    server = await startMongo();
    const url = new URL(server.url);
    url.pathname = `/e2e_${randomBytes(4).toString("hex")}`;
    world = await World.start({ script: "cluster", env: { MONGO_URL: url.href, STORE_TIMEOUT_MS: "10000" } });
  }, LIMIT);
  afterAll(async () => {
    await world.shop.end("SIGTERM");
    await server.stop();
  }, LIMIT);
  customerJourney(() => world);
  adminJourney(() => world);
});
