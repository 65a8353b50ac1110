// The shop's gateway by itself, over the NATS of its environment.
import { ServiceBroker } from "moleculer";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { brokerOptions } from "../../moleculer.config";
import { fileOf } from "../../service-files";
import { serveParent } from "../child";

const main = async () => {
  const [, , natsUrl = ""] = process.argv;
  const env = { NATS_URL: natsUrl, SERVICES: "api", PORT: "0", LOG_LEVEL: "error" };
  const broker = new ServiceBroker(brokerOptions(env));
  broker.loadService(fileOf("api"));
  await broker.start();
  await broker.waitForServices(["users", "products", "orders"]);
  serveParent(Number(new URL(runtimeOf(broker).address ?? "").port));
};

void main();
