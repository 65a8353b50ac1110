// Lets an admin who lost his password back in.
import { readConfig, readEnvironment } from "../lib/config";
import { administer } from "./admin-command";
import { die } from "./command";

/** Only where the data are: no secret is needed, and no bus. */
const { DATA_DIR, MONGO_URL, STORE_TIMEOUT_MS } = readEnvironment();

administer(process.argv.slice(2), readConfig({ DATA_DIR, MONGO_URL, STORE_TIMEOUT_MS })).then(console.log, die);
