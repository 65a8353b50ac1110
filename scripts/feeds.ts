// Shows where the followers of the feeds stand, and mends those that have stopped.
import { readConfig, readEnvironment } from "../lib/config";
import { openStore } from "../lib/store/open-store";
import { die } from "./command";
import { repairFeeds } from "./feed-repair";

/** Only where the data are: no secret is needed, and no bus. */
const { DATA_DIR, MONGO_URL, STORE_TIMEOUT_MS } = readEnvironment();
const config = readConfig({ DATA_DIR, MONGO_URL, STORE_TIMEOUT_MS });

repairFeeds(process.argv.slice(2), service => openStore(config, service)).then(console.log, die);
