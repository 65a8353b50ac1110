// Keeps the files of a shop: carries earlier ones over, checks them, copies them.
import { readEnvironment } from "../lib/env";
import { die } from "./command";
import { keepStore } from "./store-command";

keepStore(process.argv.slice(2), readEnvironment()).then(console.log, die);
