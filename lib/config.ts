// Every setting of the system, read once from the environment: typed, checked, and named in the error when it is bad.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { StartupError } from "./refusal";

export const SERVICE_NAMES = ["api", "users", "products", "orders", "payments", "mail"] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Env = Readonly<Record<string, string | undefined>>;

const SECRETS = new Set(["ADMIN_PASSWORD", "TOKEN_KEY"]);

/** Says the value, but no password: what a start prints ends up in logs. */
const complaint = (name: string, value: string | undefined): string => {
  if (value === undefined) return `${name} is not set`;
  const secret = SECRETS.has(name) || value.includes("@");
  return secret ? `${name} is not usable` : `${name}=${value} is not usable`;
};

const bad = (name: string, value: string | undefined, wanted: string): never => {
  throw new StartupError(`${complaint(name, value)}: it must be ${wanted}.`);
};

/** Empty counts as unset, so that `.env` may list every name. */
const text = (env: Env, name: string): string | undefined => env[name]?.trim() || undefined;

const integer = (env: Env, name: string, fallback: number, min: number, max: number): number => {
  const value = text(env, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  return Number.isInteger(number) && number >= min && number <= max ? number : bad(name, value, `a whole number from ${min} to ${max}`);
};

const oneOf = <T extends string>(env: Env, name: string, options: readonly T[], fallback: T): T => {
  const value = text(env, name) ?? fallback;
  return options.find(option => option === value) ?? bad(name, value, `one of ${options.join(", ")}`);
};

const matching = (env: Env, name: string, pattern: RegExp, wanted: string): string | undefined => {
  const value = text(env, name);
  return value === undefined || pattern.test(value) ? value : bad(name, value, wanted);
};

const isUrl = (value: string, protocols: readonly string[]): boolean => URL.canParse(value) && protocols.includes(new URL(value).protocol) && new URL(value).host !== "";

const address = (env: Env, name: string, protocols: readonly string[], wanted: string): string | undefined => {
  const value = text(env, name);
  return value === undefined || isUrl(value, protocols) ? value : bad(name, value, wanted);
};

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

const currency = (env: Env): string => {
  const value = text(env, "CURRENCY") ?? "USD";
  return CURRENCIES.has(value) ? value : bad("CURRENCY", value, "an ISO 4217 code such as USD");
};

const isOrigin = (value: string) => value === "*" || (URL.canParse(value) && new URL(value).origin === value);

const corsOrigins = (env: Env): string[] => {
  const origins = list(env, "CORS_ORIGINS") ?? ["*"];
  return origins.every(isOrigin) ? origins : bad("CORS_ORIGINS", origins.join(","), "* or origins such as https://shop.example, comma-separated");
};

const list = (env: Env, name: string): string[] | undefined => text(env, name)?.split(",").map(item => item.trim()).filter(Boolean);

const services = (env: Env): readonly ServiceName[] => {
  const named = list(env, "SERVICES") ?? [...SERVICE_NAMES];
  const known = named.map(name => SERVICE_NAMES.find(service => service === name) ?? bad("SERVICES", name, `a comma-separated choice of ${SERVICE_NAMES.join(", ")}`));
  return [...new Set(known)];
};

const natsServers = (env: Env): string[] | undefined => {
  const servers = list(env, "NATS_URL");
  for (const server of servers ?? []) {
    if (!/^(nats|tls):\/\/[^/\s]+$/.test(server) || !isUrl(server, ["nats:", "tls:"])) bad("NATS_URL", server, "one or several nats://host:port, comma-separated");
  }
  return servers;
};

/**
 * Reads all settings.
 * @throws StartupError naming the first setting that cannot be used
 */
export const readConfig = (env: Env) => {
  const production = oneOf(env, "NODE_ENV", ["production", "development", "test"] as const, "development") === "production";
  const required = (name: string, why: string) => text(env, name) ?? (production ? bad(name, undefined, `${why} (NODE_ENV=production has no default for secrets)`) : undefined);
  const hosted = services(env);
  const hostsUsers = hosted.includes("users");
  const mongoUrl = matching(env, "MONGO_URL", /^mongodb(\+srv)?:\/\/[^/\s]+\S*$/, "a mongodb:// address");
  const nats = natsServers(env);
  if (!nats && hosted.length < SERVICE_NAMES.length) {
    throw new StartupError(`NATS_URL is not set: it must be the nats:// address where SERVICES=${hosted.join(",")} finds the other services.`);
  }
  return {
    production,
    services: hosted,
    nodeName: matching(env, "NODE_NAME", /^[A-Za-z0-9_-]{1,100}$/, "1 to 100 letters, digits, _ or -"),
    host: text(env, "HOST") ?? "127.0.0.1",
    port: integer(env, "PORT", 3000, 0, 65535),
    corsOrigins: corsOrigins(env),
    dataDir: resolve(text(env, "DATA_DIR") ?? "data"),
    nats,
    mongoUrl,
    storeTimeout: integer(env, "STORE_TIMEOUT_MS", 2000, 100, 60_000),
    requestTimeout: integer(env, "REQUEST_TIMEOUT_MS", 8000, 100, 120_000),
    adminEmail: matching(env, "ADMIN_EMAIL", /^[^\s@]+@[^\s@]+$/, "an e-mail address") ?? (hostsUsers ? required("ADMIN_EMAIL", "the first admin's e-mail address") : undefined),
    adminPassword: matching(env, "ADMIN_PASSWORD", /^.{8,128}$/s, "8 to 128 characters long") ?? (hostsUsers ? required("ADMIN_PASSWORD", "the first admin's password") : undefined),
    tokenKey: text(env, "TOKEN_KEY")?.replaceAll("\\n", "\n") ?? (hostsUsers ? required("TOKEN_KEY", "the PEM of an EC P-256 private key") : undefined),
    passwordWorkers: integer(env, "PASSWORD_WORKERS", 2, 1, 64),
    smtpUrl: address(env, "SMTP_URL", ["smtp:", "smtps:"], "an smtp:// or smtps:// address"),
    mailFrom: matching(env, "MAIL_FROM", /^[^\n@]+@[^\s@>]+>?$/, "a sender such as Shop <shop@example.com>") ?? "Jangteo <shop@jangteo.example>",
    currency: currency(env),
    defaultLocale: oneOf(env, "DEFAULT_LOCALE", ["en", "ko"] as const, "en"),
    sampleCatalogue: oneOf(env, "SAMPLE_CATALOGUE", ["yes", "no"] as const, production ? "no" : "yes") === "yes",
    paymentTimeout: integer(env, "PAYMENT_TIMEOUT_MS", 1500, 50, 60_000),
    logLevel: oneOf(env, "LOG_LEVEL", LOG_LEVELS, "info"),
  };
};

export type Config = ReturnType<typeof readConfig>;

/** The settings of this process: `.env` in the working directory, overridden by the environment. */
export const loadConfig = (): Config => {
  if (existsSync(".env")) process.loadEnvFile(".env");
  return readConfig(process.env);
};
