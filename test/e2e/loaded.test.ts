// What a process of the cluster loads: its own service, and none of what only the others need.
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { SERVICE_NAMES, type ServiceName } from "../../contracts/index";
import { temporaryFolder } from "../helpers/broker";
import { describeWithNats, type ServerProcess, startNats } from "../servers";
import { runToEnd } from "./processes";

/** Of the packages that one service alone needs: which. */
const OWN: Partial<Record<ServiceName, string>> = { api: "moleculer-web", mail: "nodemailer", users: "piscina" };

/** Ends the process when it is ready, and writes down what it has loaded by then. */
const hook = (file: string) => `
  const { log } = console;
  console.log = line => {
    log(line);
    if (/ready/i.test(line)) process.kill(process.pid, "SIGTERM");
  };
  process.on("exit", () =>
    require("node:fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify(Object.keys(require.cache))));
`;

describeWithNats("a process that hosts one service", () => {
  let nats: ServerProcess;
  beforeAll(async () => void (nats = await startNats()));
  afterAll(() => nats.stop());

  const loadedBy = async (service: ServiceName): Promise<string[]> => {
    const folder = temporaryFolder();
    const [hookFile, listFile] = [join(folder, "hook.cjs"), join(folder, "loaded.json")];
    writeFileSync(hookFile, hook(listFile));
    const env = { SERVICES: service, NATS_URL: nats.url, NODE_OPTIONS: `--require ${hookFile}` };
    const { code, stderr } = await runToEnd({ env });
    expect([code, stderr]).toEqual([0, ""]);
    return JSON.parse(readFileSync(listFile, "utf8")) as string[];
  };

  test.each(SERVICE_NAMES.map(name => [name]))(
    "%s: loads no other, no REPL, and nobody else's packages",
    async name => {
      const files = (await loadedBy(name)).map(file => relative(resolve(), file).split(sep));
      const services = new Set(files.filter(([, folder]) => folder === "services").map(([, , service]) => service));
      expect([...services]).toEqual([name]);
      expect(files.filter(([, folder, part]) => folder === "scripts" && part === "repl")).toEqual([]);
      const packages = new Set(files.map(path => path[path.lastIndexOf("node_modules") + 1]));
      expect(Object.values(OWN).filter(one => packages.has(one))).toEqual(OWN[name] ? [OWN[name]] : []);
      expect(packages.has("mongodb")).toBe(false);
    },
  );
});
