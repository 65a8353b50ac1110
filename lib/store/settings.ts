// Where services keep their data.
import { Type } from "@sinclair/typebox";
import { address } from "../env";

export const storeSettings = Type.Object({
  /** A folder, with one of its own in it for each service. */
  DATA_DIR: Type.String({ default: "data" }),
  MONGO_URL: Type.Optional(address(["mongodb", "mongodb+srv"], "a mongodb:// address")),
  /** `full`: what was acknowledged survives a power cut. `normal`: it survives the end of a process, and is faster. */
  SQLITE_SYNCHRONOUS: Type.Union([Type.Literal("full"), Type.Literal("normal")], { default: "full" }),
  STORE_TIMEOUT_MS: Type.Integer({ default: 2000, minimum: 100, maximum: 60_000 }),
});
