// Lets an admin who lost his password back in.
import { readEnvironment } from "../lib/env";
import { administer } from "./admin-command";
import { die } from "./command";

administer(process.argv.slice(2), readEnvironment()).then(console.log, die);
