// What the deployment files say fits the code: services, settings, and no secret with a default.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { readConfig, SERVICE_NAMES } from "../../lib/config";

interface Compose {
  services: Record<string, { environment?: Record<string, string>; ports?: string[]; depends_on?: Record<string, unknown>; image?: string; healthcheck?: object }>;
}

const text = (path: string) => readFileSync(path, "utf8");
const compose = parse(text("docker-compose.yml"), { merge: true }) as Compose;
const example = [...text(".env.example").matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => ({ name, value }));
/** The names that lib/config.ts asks the environment for. */
const settings = [...text("lib/config.ts").matchAll(/(?:\(env, |required\(|env\.)"?([A-Z][A-Z_]+)"?/g)].map(([, name = ""]) => name);

describe("docker-compose.yml", () => {
  const ours = Object.entries(compose.services).filter(([, service]) => service.environment?.SERVICES !== undefined);

  test("runs each service once, under its own name", () => {
    expect(ours.map(([name]) => name).sort()).toEqual([...SERVICE_NAMES].sort());
    for (const [name, service] of ours) expect(service.environment?.SERVICES).toBe(name);
  });

  test("sets nothing that the code does not read", () => {
    for (const [, service] of ours) for (const name of Object.keys(service.environment ?? {})) expect(settings).toContain(name);
  });

  test("waits for a healthy bus and database, and publishes the gateway only", () => {
    for (const [name, service] of ours) {
      expect(Object.keys(service.depends_on ?? {})).toEqual(["nats", "mongo"]);
      expect(service.ports === undefined).toBe(name !== "api");
    }
    for (const name of ["nats", "mongo", "api"]) expect(compose.services[name]?.healthcheck).toBeDefined();
  });

  test("has no default for a secret", () => {
    for (const name of ["ADMIN_EMAIL", "ADMIN_PASSWORD", "TOKEN_KEY"]) expect(compose.services.users?.environment?.[name]).toMatch(new RegExp(`^\\$\\{${name}:\\?`));
  });

  test("every service would accept its settings in production", () => {
    const secrets: Record<string, string> = { ADMIN_EMAIL: "a@example.com", ADMIN_PASSWORD: "long enough", TOKEN_KEY: "pem" };
    const valueOf = (value: string) => value.replace(/\$\{(\w+)(?::[-?]([^}]*))?\}/g, (_all, name: string, otherwise = "") => secrets[name] ?? otherwise);
    for (const [name, service] of ours) {
      const env = Object.fromEntries(Object.entries(service.environment ?? {}).map(([key, value]) => [key, valueOf(value)]));
      expect(readConfig({ ...env, NODE_ENV: "production" }).services).toEqual([name]);
    }
  });
});

describe(".env.example", () => {
  test("lists exactly the settings that the code reads", () => {
    expect(example.map(({ name }) => name).sort()).toEqual([...new Set(settings)].sort());
  });

  test("shows the defaults", () => {
    const asListed = readConfig(Object.fromEntries(example.map(({ name, value }) => [name, value])));
    expect(asListed).toEqual(readConfig({}));
  });
});
