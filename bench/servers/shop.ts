// The whole shop in one process, with the sample catalogue in a folder of its own, and settings as in its arguments.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker } from "moleculer";
import { SERVICE_NAMES } from "../../contracts/index";
import { runtimeOf } from "../../lib/moleculer/runtime";
import { brokerOptions } from "../../moleculer.config";
import { fileOf } from "../../service-files";
import { serveParent } from "../child";

const main = async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "jangteo-bench-"));
  process.on("exit", () => rmSync(dataDir, { recursive: true, force: true }));
  const given = Object.fromEntries(process.argv.slice(2).map(setting => setting.split("=", 2)));
  const broker = new ServiceBroker(brokerOptions({ DATA_DIR: dataDir, PORT: "0", LOG_LEVEL: "error", ...given }));
  for (const name of SERVICE_NAMES) broker.loadService(fileOf(name));
  await broker.start();
  serveParent(Number(new URL(runtimeOf(broker).address ?? "").port));
};

void main();
