// Shows where the followers of the feeds stand, and mends those that have stopped.
import { readEnvironment } from "../lib/env";
import { openStore } from "../lib/store/open-store";
import { die } from "./command";
import { repairFeeds } from "./feed-repair";

const env = readEnvironment();

repairFeeds(process.argv.slice(2), service => openStore(service, env)).then(console.log, die);
