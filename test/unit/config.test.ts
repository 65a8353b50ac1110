// Settings: their defaults, what each accepts, and a refusal that names the one that is bad.
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SERVICE_NAMES } from "../../contracts/index";
import { readEnvironment } from "../../lib/env";
import { StartupError } from "../../lib/errors";
import { parseKey } from "../../services/users/signing-key";
import { temporaryFolder } from "../helpers/broker";
import { settingsIn } from "../helpers/settings";

type Env = Readonly<Record<string, string>>;

const refusalOf = (env: Env): string => {
  try {
    settingsIn(env);
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
  expect(settingsIn({})).toMatchObject({
    NODE_ENV: "development",
    SERVICES: SERVICE_NAMES,
    HOST: "127.0.0.1",
    PORT: 3000,
    DATA_DIR: "data",
    CURRENCY: "USD",
    DEFAULT_LOCALE: "en",
    SAMPLE_CATALOGUE: "yes",
    LOG_LEVEL: "info",
  });
  const unset = ["NATS_URL", "MONGO_URL", "ADMIN_PASSWORD", "TOKEN_KEY", "SMTP_URL"];
  expect(Object.keys(settingsIn({})).filter(name => unset.includes(name))).toEqual([]);
});

test("an empty setting counts as none, and blanks around a value do not count", () => {
  expect(settingsIn({ PORT: "", MONGO_URL: "  ", SERVICES: "", LOG_LEVEL: " debug " })).toEqual({
    ...settingsIn({}),
    LOG_LEVEL: "debug",
  });
});

test("lists are split at commas, and a service that is named twice is hosted once", () => {
  const { SERVICES, NATS_URL, CORS_ORIGINS } = settingsIn({
    SERVICES: "orders, users,orders,api",
    NATS_URL: "nats://a:4222, tls://b",
    CORS_ORIGINS: "https://a.example,https://b.example",
  });
  expect([SERVICES, NATS_URL, CORS_ORIGINS]).toEqual([
    ["orders", "users", "api"],
    ["nats://a:4222", "tls://b"],
    ["https://a.example", "https://b.example"],
  ]);
});

test("the line breaks of a key may be written as backslash and n", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  expect(parseKey(pem.replaceAll("\n", "\\n"), "TOKEN_KEY")).toMatchObject({ kid: parseKey(pem, "TOKEN_KEY").kid });
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
    const config = settingsIn(readEnvironment({ ENV_FILE: path, PORT: "2" }));
    expect([config.CURRENCY, config.TOKEN_KEY, config.PORT]).toEqual(["KRW", "one\ntwo", 2]);
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
    const one = (name: string) => settingsIn({ ...production, SERVICES: name, NATS_URL: "nats://a" });
    expect(one("orders").NODE_ENV).toBe("production");
    expect(one("products").SAMPLE_CATALOGUE).toBe("no");
    expect(settingsIn({ ...production, ...SECRETS })).toMatchObject({ NODE_ENV: "production", TOKEN_KEY: "pem" });
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
