// Settings: their defaults, what each accepts, and a refusal that names the one that is bad.
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readConfig, readEnvironment } from "../../lib/config";
import { StartupError } from "../../lib/refusal";
import { SERVICE_NAMES } from "../../lib/settings";
import { temporaryFolder } from "../helpers/broker";

type Env = Readonly<Record<string, string>>;

const refusalOf = (env: Env): string => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof StartupError) return error.message;
    throw error;
  }
  return "";
};

const SECRETS = {
  ADMIN_EMAIL: "admin@example.com",
  ADMIN_PASSWORD: "long enough",
  TOKEN_KEY: "pem",
  PAYMENT_PROVIDER: "sandbox",
};

test("without any setting: everything in one process, on embedded stores, open to this machine only", () => {
  expect(readConfig({})).toMatchObject({
    production: false,
    services: SERVICE_NAMES,
    host: "127.0.0.1",
    port: 3000,
    dataDir: resolve("data"),
    nats: undefined,
    mongoUrl: undefined,
    adminPassword: undefined,
    tokenKey: undefined,
    smtpUrl: undefined,
    currency: "USD",
    defaultLocale: "en",
    sampleCatalogue: true,
    logLevel: "info",
  });
});

test("an empty setting counts as none, and blanks around a value do not count", () => {
  expect(readConfig({ PORT: "", MONGO_URL: "  ", SERVICES: "", LOG_LEVEL: " debug " })).toEqual({
    ...readConfig({}),
    logLevel: "debug",
  });
});

test("lists are split at commas, and a service that is named twice is hosted once", () => {
  const { services, nats, corsOrigins } = readConfig({
    SERVICES: "orders, users,orders",
    NATS_URL: "nats://a:4222, tls://b",
    CORS_ORIGINS: "https://a.example,https://b.example",
  });
  expect([services, nats, corsOrigins]).toEqual([
    ["orders", "users"],
    ["nats://a:4222", "tls://b"],
    ["https://a.example", "https://b.example"],
  ]);
});

test("the line breaks of a key may be written as backslash and n", () => {
  expect(readConfig({ TOKEN_KEY: "one\\ntwo" }).tokenKey).toBe("one\ntwo");
});

test.each([
  [{ PORT: "65536" }, "PORT=65536"],
  [{ PORT: "80.5" }, "PORT=80.5"],
  [{ PORT: "-1" }, "PORT=-1"],
  [{ SERVICES: "orders,shipping", NATS_URL: "nats://a" }, "SERVICES=shipping"],
  [{ SERVICES: "orders" }, "NATS_URL"],
  [{ NATS_URL: "localhost:4222" }, "NATS_URL is not usable"],
  [{ MONGO_URL: "http://localhost" }, "MONGO_URL is not usable"],
  [{ SMTP_URL: "localhost" }, "SMTP_URL is not usable"],
  [{ SMTP_URL: "smtp://mail:99999" }, "SMTP_URL is not usable"],
  [{ NATS_URL: "nats://a:1x" }, "NATS_URL is not usable"],
  [{ NATS_URL: "nats://a,nats://joe:x@b" }, "NATS_URL is not usable"],
  [{ HOST: "my shop" }, "HOST=my shop"],
  [{ CURRENCY: "ZZZ" }, "CURRENCY=ZZZ"],
  [{ NODE_ENV: "prod" }, "NODE_ENV=prod"],
  [{ CORS_ORIGINS: "shop.example" }, "CORS_ORIGINS=shop.example"],
  [{ MAIL_FROM: "me" }, "MAIL_FROM=me"],
  [{ ADMIN_EMAIL: "admin" }, "ADMIN_EMAIL=admin"],
  [{ CURRENCY: "dollars" }, "CURRENCY=dollars"],
  [{ DEFAULT_LOCALE: "fr" }, "DEFAULT_LOCALE=fr"],
  [{ SAMPLE_CATALOGUE: "true" }, "SAMPLE_CATALOGUE=true"],
  [{ LOG_LEVEL: "loud" }, "LOG_LEVEL=loud"],
  [{ PASSWORD_WORKERS: "0" }, "PASSWORD_WORKERS=0"],
  [{ STORE_TIMEOUT_MS: "1" }, "STORE_TIMEOUT_MS=1"],
  [{ REQUEST_TIMEOUT_MS: "soon" }, "REQUEST_TIMEOUT_MS=soon"],
  [{ PAYMENT_TIMEOUT_MS: "0" }, "PAYMENT_TIMEOUT_MS=0"],
])("%j is refused in one sentence that begins with the setting's name", (env: Env, beginning) => {
  expect(refusalOf(env)).toMatch(/^[^\n]+: it must be [^\n]+\.$/);
  expect(refusalOf(env).startsWith(beginning)).toBe(true);
});

test.each([
  [{ NATS_URL: "nats://shop:s3cret@host:4222/x" }, "s3cret"],
  [{ MONGO_URL: "mongo://shop:s3cret@host" }, "s3cret"],
  [{ SMTP_URL: "http://shop:s3cret@host" }, "s3cret"],
  [{ ADMIN_PASSWORD: "s3cret" }, "s3cret"],
])("a bad value is repeated without its secret: %j", (env: Env, secret) => {
  expect(refusalOf(env)).not.toBe("");
  expect(refusalOf(env)).not.toContain(secret);
});

describe("a file of settings", () => {
  const file = (text: string) => {
    const path = join(temporaryFolder(), "settings");
    writeFileSync(path, text);
    return path;
  };

  test("is read below the environment, and does not become part of it", () => {
    const path = file('CURRENCY=KRW\nTOKEN_KEY="one\\ntwo"\nPORT=1\n');
    const config = readConfig(readEnvironment({ ENV_FILE: path, PORT: "2" }));
    expect([config.currency, config.tokenKey, config.port]).toEqual(["KRW", "one\ntwo", 2]);
    expect(process.env.TOKEN_KEY).toBeUndefined();
  });

  test("is not read when there is to be none, and must be there when it is named", () => {
    expect(readEnvironment({ ENV_FILE: "none", PORT: "2" })).toEqual({ ENV_FILE: "none", PORT: "2" });
    expect(() => readEnvironment({ ENV_FILE: "nowhere" })).toThrow(
      /^ENV_FILE=nowhere is not usable: it must be a file/,
    );
  });
});

describe("in production", () => {
  const production = { NODE_ENV: "production" };

  test.each(Object.keys(SECRETS))("%s has no default", name => {
    expect(refusalOf({ ...production, ...SECRETS, [name]: "" })).toMatch(new RegExp(`^${name} is not set`));
  });

  test("only the process that hosts users needs the secrets, and no sample is sold", () => {
    expect(readConfig({ ...production, SERVICES: "orders", NATS_URL: "nats://a" })).toMatchObject({
      production: true,
      sampleCatalogue: false,
      paymentProvider: undefined,
    });
    expect(readConfig({ ...production, ...SECRETS })).toMatchObject({ production: true, tokenKey: "pem" });
  });
});

test.each([
  ["NATS_URL", "nats://joe:s3cret@a:1x"],
  ["NATS_URL", "joe:s3cret@nats:4222"],
  ["MONGO_URL", "root:s3cret@db:27017"],
  ["MONGO_URL", "mongodb:/root:s3cret@db"],
  ["SMTP_URL", "joe:s3cret@mail:25"],
  ["ADMIN_PASSWORD", "s3cret"],
])("a bad %s is named, and its password is not told: %s", (name, value) => {
  const refusal = refusalOf({ [name]: value });
  expect(refusal).toMatch(new RegExp(`^${name} is not usable: it must be `));
  expect(refusal).not.toContain("s3cret");
});
