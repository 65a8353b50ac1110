// What the deployment files say fits the code: services, settings, and no secret with a default.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { SERVICE_NAMES } from "../../contracts/index";
import { storeSettings } from "../../lib/store/settings";
import { environmentOf, everybodysSettings, settingNames, settingsOf } from "../../service-files";
import { settingsIn } from "../helpers/settings";

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
const settings = settingNames();

describe("docker-compose.yml", () => {
  const ours = Object.entries(compose.services).filter(([, service]) => service.environment?.SERVICES !== undefined);

  test("runs each service once, under its own name", () => {
    expect(ours.map(([name]) => name).sort()).toEqual([...SERVICE_NAMES].sort());
    for (const [name, service] of ours) expect(service.environment?.SERVICES).toBe(name);
  });

  test("gives each service settings that are for it, and no others", () => {
    for (const [name, { environment = {} }] of ours)
      expect(Object.keys(environment)).toEqual(Object.keys(environmentOf([name], environment)));
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
      expect(settingsIn({ ...env, NODE_ENV: "production" }).SERVICES).toEqual([name]);
    }
  });
});

describe("the settings of a service", () => {
  const codeOf = (service: string) =>
    readdirSync(join("services", service), { recursive: true, encoding: "utf8" })
      .filter(file => file.endsWith(".ts") && file !== "settings.ts")
      .map(file => text(join("services", service, file)))
      .join("\n");

  test.each([...SERVICE_NAMES])("%s declares what it uses, and no more", service => {
    const own = Object.keys(settingsOf(service).properties).filter(name => !(name in storeSettings.properties));
    const code = codeOf(service);
    // What is not declared cannot be read: that does not compile.
    expect(own.filter(name => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
    const stores = code.includes("defineService(");
    expect("MONGO_URL" in settingsOf(service).properties).toBe(stores);
  });

  test("are nobody else's, and do not say again what is for everybody", () => {
    const forEverybody = Object.keys(everybodysSettings.properties);
    for (const service of SERVICE_NAMES)
      expect(Object.keys(settingsOf(service).properties).filter(name => forEverybody.includes(name))).toEqual([]);
    expect(SERVICE_NAMES.filter(service => "TOKEN_KEY" in settingsOf(service).properties)).toEqual(["users"]);
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
    expect(environmentOf([], env)).toEqual(machine);
    expect(environmentOf(["api"], env)).toEqual(machine);
    expect(environmentOf(["mail"], env)).toEqual({ ...machine, SMTP_URL: "s", MONGO_URL: "m" });
    expect(environmentOf(["users", "api"], env)).toEqual({
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
    const asListed = settingsIn(Object.fromEntries(example.map(({ name, value }) => [name, value])));
    expect(asListed).toEqual(settingsIn({}));
  });
});
