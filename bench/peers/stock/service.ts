// The yardstick for reads, behind its gateway: services of a stock Moleculer broker over NATS, answering from memory.
import { ServiceBroker } from "moleculer";
import { serveParent } from "../../child";
import { order, page, product } from "../../servers/payloads";

const main = async () => {
  const broker = new ServiceBroker({
    nodeID: "services",
    transporter: { type: "NATS", options: { servers: process.argv[2] } },
    logger: false,
  });
  const answer = (data: object) => () => ({ success: true, data });
  broker.createService({ name: "products", actions: { get: answer(product), list: answer(page) } });
  broker.createService({ name: "orders", actions: { get: answer(order) } });
  await broker.start();
  serveParent(0);
};

void main();
