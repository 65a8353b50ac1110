// The whole shop in one process, with the sample catalogue in a folder of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../lib/config";
import { brokerOptions } from "../../moleculer.config";
import { startShop } from "../../scripts/shop";
import { serveParent } from "../child";

const main = async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "jangteo-bench-"));
  process.on("exit", () => rmSync(dataDir, { recursive: true, force: true }));
  const config = readConfig({ DATA_DIR: dataDir, PORT: "0", LOG_LEVEL: "warn" });
  const { address = "" } = await startShop(config, brokerOptions(config), why => {
    throw why;
  });
  serveParent(Number(new URL(address).port));
};

void main();
