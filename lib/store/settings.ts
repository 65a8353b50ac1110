// Where services keep their data.
import { Type } from "@sinclair/typebox";
import { address } from "../env";

export const storeSettings = Type.Object({
  /** A folder, with one of its own in it for each service. */
  DATA_DIR: Type.String({ default: "data" }),
  MONGO_URL: Type.Optional(address(["mongodb", "mongodb+srv"], "a mongodb:// address")),
  STORE_TIMEOUT_MS: Type.Integer({ default: 2000, minimum: 100, maximum: 60_000 }),
});
