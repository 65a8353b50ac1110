// Before each test file: takes a person's settings out of the environment, so that they do not decide what is tested.
import { settingNames } from "../../service-files";

/** The one that tests read, on purpose: the MongoDB to test against. */
const WANTED = "MONGO_URL";

for (const name of settingNames()) if (name !== WANTED) delete process.env[name];
process.env.NODE_ENV = "test";
// Children of the tests start in this folder, where a developer may keep a .env of his own.
process.env.ENV_FILE = "none";
