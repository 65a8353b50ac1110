// The log in MongoDB holds what every log promises.
import { randomBytes } from "node:crypto";
import { openMongoStore } from "../../lib/store/mongo/mongo-store";
import { describeWithMongo, MONGO, type Server, startMongo } from "../servers";
import { logScenarios } from "./log-scenarios";

describeWithMongo(`the log in MongoDB, on ${MONGO}`, () => {
  let server: Server;
  const service = `log_${randomBytes(4).toString("hex")}`;
  beforeAll(async () => {
    server = await startMongo();
  });
  describe(
    "holds what every log promises",
    logScenarios(() => ({
      open: () => openMongoStore(server.url, service, 5000),
      remove: () => server.stop(),
    })),
  );
});
