// The yardstick for reads: moleculer-web as it comes, with three routes to services over NATS.
import { type AddressInfo, Server } from "node:net";
import { ServiceBroker } from "moleculer";
import ApiGateway from "moleculer-web";
import { serveParent } from "../../child";

const main = async () => {
  const broker = new ServiceBroker({
    nodeID: "gateway",
    transporter: { type: "NATS", options: { servers: process.argv[2] } },
    logger: false,
  });
  const gateway = broker.createService({
    name: "api",
    mixins: [ApiGateway],
    settings: {
      port: 0,
      ip: "127.0.0.1",
      routes: [
        {
          path: "/api",
          aliases: {
            "GET products": "products.list",
            "GET products/:id": "products.get",
            "GET orders/:id": "orders.get",
          },
        },
      ],
    },
  });
  await broker.start();
  await broker.waitForServices(["products", "orders"]);
  const { server } = gateway as { server?: unknown };
  if (!(server instanceof Server)) throw new Error("moleculer-web does not listen");
  serveParent((server.address() as AddressInfo).port);
};

void main();
