// The servers that tests need, and what becomes of tests that need one which is not installed.
import { findNatsServer } from "../scripts/cluster/nats-server";
import { findMongoServer, findSchemathesis } from "./run/servers";
export {
  pauseProcess,
  type Server,
  type ServerProcess,
  startMongo,
  startMongoProcess,
  startNats,
} from "./server-process";

export const describeWith = (server: string, available: boolean) => (name: string, scenarios: () => void) => {
  if (available) return describe(name, scenarios);
  const problem = `"${name}" needs ${server}, which is not installed: \`npm test\` installs it, or says why it cannot.`;
  if (process.env.CI) {
    return describe(name, () => {
      test(`${server} is installed`, () => {
        throw new Error(problem);
      });
    });
  }
  console.warn(`SKIPPED: ${problem}`);
  return describe.skip(name, scenarios);
};

/** Describe blocks for tests that need a server: skipped loudly where there is none, failed in CI. */
export const describeWithNats = describeWith("nats-server", findNatsServer() !== undefined);
export const describeWithMongoProcess = describeWith("SecantusDB", findMongoServer() !== undefined);
/** What the tests' titles say that they ran on. */
export const MONGO = process.env.MONGO_URL ? "the MongoDB at MONGO_URL" : "SecantusDB";
export const describeWithMongo = describeWith(
  "SecantusDB, or a MongoDB at MONGO_URL,",
  Boolean(process.env.MONGO_URL) || findMongoServer() !== undefined,
);
export const describeWithSchemathesis = describeWith("Schemathesis", findSchemathesis() !== undefined);
