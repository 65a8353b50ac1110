// Every setting of the system, read once from the environment: typed, checked, and named in the error when it is bad.
import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { parseAddress } from "./addresses";
import { StartupError } from "./refusal";
import { type Env, SERVICE_NAMES, type ServiceName, type Setting } from "./settings";

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Settings that are a secret or may carry one, whatever they look like: a bad address may be nothing but its password.
 */
const SECRETS: ReadonlySet<Setting> = new Set<Setting>([
  "ADMIN_PASSWORD",
  "TOKEN_KEY",
  "NATS_URL",
  "MONGO_URL",
  "SMTP_URL",
]);
/** Words that cannot be an address with a password that was written behind the wrong name. */
const PLAIN = /^[\w.*+ ,-]{1,80}$/;

/** What a start prints ends up in logs. `whole` is the setting that the value is a part of. */
const bad = (name: Setting, value: string | undefined, wanted: string, whole = value): never => {
  if (value === undefined) throw new StartupError(`${name} is not set: it must be ${wanted}.`);
  const shown = !SECRETS.has(name) && PLAIN.test(whole ?? "") ? `${name}=${value}` : name;
  throw new StartupError(`${shown} is not usable: it must be ${wanted}.`);
};

/** Empty counts as unset, so that `.env` may list every name. */
const text = (env: Env, name: Setting): string | undefined => env[name]?.trim() || undefined;

const integer = (env: Env, name: Setting, fallback: number, min: number, max: number): number => {
  const value = text(env, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  return Number.isInteger(number) && number >= min && number <= max
    ? number
    : bad(name, value, `a whole number from ${min} to ${max}`);
};

const oneOf = <T extends string>(env: Env, name: Setting, options: readonly T[], fallback: T): T => {
  const value = text(env, name) ?? fallback;
  return options.find(option => option === value) ?? bad(name, value, `one of ${options.join(", ")}`);
};

const matching = (env: Env, name: Setting, pattern: RegExp, wanted: string): string | undefined => {
  const value = text(env, name);
  return value === undefined || pattern.test(value) ? value : bad(name, value, wanted);
};

const ENCODED = "and special characters of a password must be percent-encoded: @ as %40, a comma as %2C";

const isAddress = (value: string, schemes: readonly string[]): boolean =>
  schemes.includes(parseAddress(value)?.scheme ?? "");

const address = (env: Env, name: Setting, schemes: readonly string[], wanted: string): string | undefined => {
  const value = text(env, name);
  return value === undefined || isAddress(value, schemes) ? value : bad(name, value, `${wanted}, ${ENCODED}`);
};

const host = (env: Env): string => {
  const value = text(env, "HOST") ?? "127.0.0.1";
  return isIPv6(value) || /^[\w-][\w.-]*$/.test(value) ? value : bad("HOST", value, "a host name or an IP address");
};

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

const currency = (env: Env): string => {
  const value = text(env, "CURRENCY") ?? "USD";
  return CURRENCIES.has(value) ? value : bad("CURRENCY", value, "an ISO 4217 code such as USD");
};

const isOrigin = (value: string) => value === "*" || (URL.canParse(value) && new URL(value).origin === value);

const corsOrigins = (env: Env): string[] => {
  const origins = list(env, "CORS_ORIGINS") ?? [];
  return origins.every(isOrigin)
    ? origins
    : bad("CORS_ORIGINS", origins.join(","), "* or origins such as https://shop.example, comma-separated");
};

const list = (env: Env, name: Setting): string[] | undefined =>
  text(env, name)
    ?.split(",")
    .map(item => item.trim())
    .filter(Boolean);

const services = (env: Env): readonly ServiceName[] => {
  const named = list(env, "SERVICES") ?? [...SERVICE_NAMES];
  const known = named.map(
    name =>
      SERVICE_NAMES.find(service => service === name) ??
      bad("SERVICES", name, `a comma-separated choice of ${SERVICE_NAMES.join(", ")}`, env.SERVICES),
  );
  return [...new Set(known)];
};

/** All servers are entered with one name and password: those of the first. */
const natsServers = (env: Env): string[] | undefined => {
  const servers = list(env, "NATS_URL");
  const [first] = servers ?? [];
  const entrance = first === undefined ? undefined : parseAddress(first);
  for (const server of servers ?? []) {
    const { user, password, rest } = parseAddress(server) ?? {};
    const isSame = user === undefined || (user === entrance?.user && password === entrance.password);
    const wanted = `one or several nats://host:port with one name and password, comma-separated, ${ENCODED}`;
    if (!isAddress(server, ["nats", "tls"]) || rest !== "" || !isSame) bad("NATS_URL", server, wanted);
  }
  return servers;
};

/** Who moves the money. In production the sandbox, which takes none, is used by whoever says so and by nobody else. */
const paymentProvider = (env: Env, production: boolean, mustBeNamed: boolean): "sandbox" | undefined => {
  const isNamed = text(env, "PAYMENT_PROVIDER") !== undefined;
  if (isNamed || !production) return oneOf(env, "PAYMENT_PROVIDER", ["sandbox"] as const, "sandbox");
  return mustBeNamed
    ? bad("PAYMENT_PROVIDER", undefined, "sandbox, the only provider so far: it takes no real money")
    : undefined;
};

/**
 * Reads all settings.
 * @throws StartupError naming the first setting that cannot be used
 */
export const readConfig = (env: Env) => {
  const production =
    oneOf(env, "NODE_ENV", ["production", "development", "test"] as const, "development") === "production";
  const required = (name: Setting, why: string) =>
    text(env, name) ??
    (production ? bad(name, undefined, `${why} (NODE_ENV=production has no default for secrets)`) : undefined);
  const hosted = services(env);
  const hostsUsers = hosted.includes("users");
  const mongoUrl = address(env, "MONGO_URL", ["mongodb", "mongodb+srv"], "a mongodb:// address");
  const nats = natsServers(env);
  if (!nats && hosted.length < SERVICE_NAMES.length) {
    throw new StartupError(
      `NATS_URL is not set: it must be the nats:// address where SERVICES=${hosted.join(",")} finds the other services.`,
    );
  }
  return {
    production,
    services: hosted,
    nodeName: matching(env, "NODE_NAME", /^[A-Za-z0-9_-]{1,100}$/, "1 to 100 letters, digits, _ or -"),
    host: host(env),
    port: integer(env, "PORT", 3000, 0, 65535),
    corsOrigins: corsOrigins(env),
    dataDir: resolve(text(env, "DATA_DIR") ?? "data"),
    nats,
    mongoUrl,
    storeTimeout: integer(env, "STORE_TIMEOUT_MS", 2000, 100, 60_000),
    requestTimeout: integer(env, "REQUEST_TIMEOUT_MS", 8000, 100, 120_000),
    adminEmail:
      matching(env, "ADMIN_EMAIL", /^[^\s@]+@[^\s@]+$/, "an e-mail address") ??
      (hostsUsers ? required("ADMIN_EMAIL", "the first admin's e-mail address") : undefined),
    adminPassword:
      matching(env, "ADMIN_PASSWORD", /^.{8,128}$/s, "8 to 128 characters long") ??
      (hostsUsers ? required("ADMIN_PASSWORD", "the first admin's password") : undefined),
    tokenKey:
      text(env, "TOKEN_KEY")?.replaceAll("\\n", "\n") ??
      (hostsUsers ? required("TOKEN_KEY", "the PEM of an EC P-256 private key") : undefined),
    passwordWorkers: integer(env, "PASSWORD_WORKERS", 2, 1, 64),
    smtpUrl: address(env, "SMTP_URL", ["smtp", "smtps"], "an smtp:// or smtps:// address"),
    mailFrom:
      matching(env, "MAIL_FROM", /^[^\n@]+@[^\s@>]+>?$/, "a sender such as Shop <shop@example.com>") ??
      "Jangteo <shop@jangteo.example>",
    currency: currency(env),
    defaultLocale: oneOf(env, "DEFAULT_LOCALE", ["en", "ko"] as const, "en"),
    sampleCatalogue: oneOf(env, "SAMPLE_CATALOGUE", ["yes", "no"] as const, production ? "no" : "yes") === "yes",
    paymentProvider: paymentProvider(env, production, hosted.includes("payments")),
    paymentTimeout: integer(env, "PAYMENT_TIMEOUT_MS", 1500, 50, 60_000),
    orderExpiryMs: integer(env, "ORDER_EXPIRY_MS", 15 * 60_000, 1000, 7 * 24 * 3_600_000),
    logLevel: oneOf(env, "LOG_LEVEL", LOG_LEVELS, "info"),
  };
};

export type Config = ReturnType<typeof readConfig>;

const NO_FILE = "none";

const settingsIn = (path: string): Env | undefined => {
  try {
    return parseEnv(readFileSync(path, "utf8")) as Env;
  } catch {
    return undefined;
  }
};

/**
 * The environment, over what `.env` in the working directory says; ENV_FILE names another file, or `none`. What is read
 * from the file does not become part of the process's environment, where its children and its crash reports would find
 * it.
 * @throws StartupError when the file that ENV_FILE names cannot be read
 */
export const readEnvironment = (env: Env = process.env): Env => {
  const named = text(env, "ENV_FILE");
  if (named === NO_FILE) return env;
  const settings = settingsIn(named ?? ".env");
  if (named !== undefined && settings === undefined)
    bad("ENV_FILE", named, "a file of settings that can be read, or none");
  return { ...settings, ...env };
};

/** The settings of this process: see readEnvironment and readConfig. */
export const loadConfig = (): Config => readConfig(readEnvironment());
