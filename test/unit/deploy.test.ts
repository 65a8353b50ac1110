// What the deployment files say fits the code: services, settings, and no secret with a default.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readConfig } from "../../lib/config";
import { environmentFor, SERVICE_NAMES, type ServiceName, SETTINGS } from "../../lib/settings";

interface Compose {
  services: Record<
    string,
    {
      environment?: Record<string, string>;
      ports?: string[];
      depends_on?: Record<string, unknown>;
      image?: string;
      healthcheck?: object;
    }
  >;
}

const text = (path: string) => readFileSync(path, "utf8");
const compose = parse(text("docker-compose.yml"), { merge: true }) as Compose;
const example = [...text(".env.example").matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => ({
  name,
  value,
}));
const settings = Object.keys(SETTINGS);
/** The names that lib/config.ts asks the environment for. */
const asked = [...text("lib/config.ts").matchAll(/(?:\(env, |required\(|env\.)"?([A-Z][A-Z_]+)"?/g)].map(
  ([, name = ""]) => name,
);

describe("docker-compose.yml", () => {
  const ours = Object.entries(compose.services).filter(([, service]) => service.environment?.SERVICES !== undefined);

  test("runs each service once, under its own name", () => {
    expect(ours.map(([name]) => name).sort()).toEqual([...SERVICE_NAMES].sort());
    for (const [name, service] of ours) expect(service.environment?.SERVICES).toBe(name);
  });

  test("gives each service settings that are for it, and no others", () => {
    for (const [name, { environment = {} }] of ours)
      expect(Object.keys(environment)).toEqual(Object.keys(environmentFor([name as ServiceName], environment)));
  });

  test("waits for a healthy bus and database, and publishes the gateway only", () => {
    for (const [name, service] of ours) {
      expect(Object.keys(service.depends_on ?? {})).toEqual(["nats", "mongo"]);
      expect(service.ports === undefined).toBe(name !== "api");
    }
    for (const name of ["nats", "mongo", "api"]) expect(compose.services[name]?.healthcheck).toBeDefined();
  });

  test("runs NATS with the same settings as the cluster on one machine, which say what a message may have", () => {
    expect(compose.services.nats).toMatchObject({
      command: expect.arrayContaining(["--config", "/etc/nats/nats.conf"]) as unknown,
      volumes: ["./deploy/nats.conf:/etc/nats/nats.conf:ro"],
    });
    expect(text("deploy/nats.conf")).toMatch(/^max_payload: \d+MB$/m);
    expect(text("scripts/cluster/nats-server.ts")).toContain(`"deploy", "nats.conf")`);
  });

  test("has no default for a secret", () => {
    for (const name of ["ADMIN_EMAIL", "ADMIN_PASSWORD", "TOKEN_KEY"])
      expect(compose.services.users?.environment?.[name]).toMatch(new RegExp(`^\\$\\{${name}:\\?`));
  });

  test("names the payment provider to whoever holds the money, and to whoever takes the order", () => {
    const { orders, payments } = compose.services;
    expect([orders?.environment?.PAYMENT_PROVIDER, payments?.environment?.PAYMENT_PROVIDER]).toEqual([
      "sandbox",
      "sandbox",
    ]);
  });

  test("every service would accept its settings in production", () => {
    const secrets: Record<string, string> = {
      ADMIN_EMAIL: "a@example.com",
      ADMIN_PASSWORD: "long enough",
      TOKEN_KEY: "pem",
    };
    const valueOf = (value: string) =>
      value.replace(
        /\$\{(\w+)(?::[-?]([^}]*))?\}/g,
        (_all, name: string, otherwise = "") => secrets[name] ?? otherwise,
      );
    for (const [name, service] of ours) {
      const env = Object.fromEntries(
        Object.entries(service.environment ?? {}).map(([key, value]) => [key, valueOf(value)]),
      );
      expect(readConfig({ ...env, NODE_ENV: "production" }).services).toEqual([name]);
    }
  });
});

describe("the table of settings", () => {
  test("has exactly those that the code reads", () => {
    expect([...settings].sort()).toEqual([...new Set(asked)].sort());
  });

  /**
   * In which settings a part of the program has its word, by what it takes from the configuration: `storeTimeout` is
   * STORE_TIMEOUT_MS.
   */
  const usedBy = (service: ServiceName): Set<string> => {
    const code = readdirSync(join("services", service))
      .filter(file => file.endsWith(".ts"))
      .map(file => text(join("services", service, file)))
      .join("\n");
    const taken = [...code.matchAll(/\bconfig\.(\w+)/g), ...code.matchAll(/\bsettings\.(\w+)/g)].map(
      ([, key = ""]) => key,
    );
    const unpacked = [...code.matchAll(/\{([^{}]*)\}(?:: (?:Settings|Config)\)| = (?:runtime\.)?config\b)/g)].flatMap(
      ([, keys = ""]) => keys.split(",").map(key => key.split(":")[0]?.trim() ?? ""),
    );
    const stores = code.includes("openStore(") ? ["mongoUrl", "storeTimeout", "dataDir"] : [];
    const names = [...taken, ...unpacked, ...stores].map(key =>
      key.replaceAll(/[A-Z]/g, letter => `_${letter}`).toUpperCase(),
    );
    return new Set(
      settings.filter(setting => names.some(name => [name, `${name}_MS`, `${name}_URL`].includes(setting))),
    );
  };

  test.each([...SERVICE_NAMES])("gives %s what it uses, and no more", service => {
    const forEverybody = settings.filter(name =>
      SERVICE_NAMES.every(each => environmentFor([each], { [name]: "x" })[name]),
    );
    const own = Object.keys(environmentFor([service], Object.fromEntries(settings.map(name => [name, "x"])))).filter(
      name => !forEverybody.includes(name),
    );
    expect([...usedBy(service)].filter(name => !forEverybody.includes(name)).sort()).toEqual(own.sort());
  });

  test("keeps secrets from all who do not need them, and lets the machine's own names pass", () => {
    const env = {
      TOKEN_KEY: "k",
      ADMIN_PASSWORD: "p",
      SMTP_URL: "s",
      MONGO_URL: "m",
      AWS_SECRET_ACCESS_KEY: "x",
      PATH: "/bin",
      Path: "/b",
      LC_ALL: "C",
      TZ: "UTC",
      NODE_OPTIONS: "",
      npm_config_token: "t",
    };
    const machine = { PATH: "/bin", Path: "/b", LC_ALL: "C", TZ: "UTC", NODE_OPTIONS: "" };
    expect(environmentFor([], env)).toEqual(machine);
    expect(environmentFor(["api"], env)).toEqual(machine);
    expect(environmentFor(["mail"], env)).toEqual({ ...machine, SMTP_URL: "s", MONGO_URL: "m" });
    expect(environmentFor(["users", "api"], env)).toEqual({
      ...machine,
      TOKEN_KEY: "k",
      ADMIN_PASSWORD: "p",
      MONGO_URL: "m",
    });
  });
});

describe(".env.example", () => {
  test("lists exactly the settings that there are", () => {
    expect(example.map(({ name }) => name).sort()).toEqual([...settings].sort());
  });

  test("shows the defaults", () => {
    const asListed = readConfig(Object.fromEntries(example.map(({ name, value }) => [name, value])));
    expect(asListed).toEqual(readConfig({}));
  });
});
