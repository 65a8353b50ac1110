// Products and orders that answer from memory, bound as the shop's own are; and the real users, who give tokens.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Type } from "@sinclair/typebox";
import { ServiceBroker } from "moleculer";
import { orders } from "../../contracts/orders";
import { products } from "../../contracts/products";
import { defineService } from "../../lib/moleculer/service";
import { brokerOptions } from "../../moleculer.config";
import { fileOf } from "../../service-files";
import { serveParent } from "../child";
import { order, page, product } from "./payloads";

const settings = Type.Object({});
const catalogue = defineService(
  "products",
  { get: products.get, list: products.list, health: products.health, feed: products.feed },
  { settings, events: {}, open: async () => ({ actions: { get: async () => product, list: async () => page } }) },
);
const history = defineService(
  "orders",
  { get: orders.get, health: orders.health, feed: orders.feed },
  { settings, events: {}, open: async () => ({ actions: { get: async () => order } }) },
);

const main = async () => {
  const [, , natsUrl = ""] = process.argv;
  const dataDir = mkdtempSync(join(tmpdir(), "jangteo-bench-"));
  process.on("exit", () => rmSync(dataDir, { recursive: true, force: true }));
  const env = { NATS_URL: natsUrl, SERVICES: "users,products,orders", DATA_DIR: dataDir, LOG_LEVEL: "error" };
  const broker = new ServiceBroker(brokerOptions(env));
  broker.loadService(fileOf("users"));
  for (const service of [catalogue, history]) broker.createService(service(broker));
  await broker.start();
  serveParent(0);
};

void main();
