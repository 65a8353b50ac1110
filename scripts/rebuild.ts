// Makes a service's read model anew from its log, beside the live one and while the shop runs.
import { readEnvironment } from "../lib/env";
import { die } from "./command";
import { openExisting, rebuildModel } from "./model-rebuild";

const env = readEnvironment();

rebuildModel(process.argv.slice(2), service => openExisting(service, env), { say: line => console.error(line) }).then(
  console.log,
  die,
);
