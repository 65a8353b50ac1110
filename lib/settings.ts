// Which settings there are, and which services each of them is for: no process gets a secret that it does not need.

export const SERVICE_NAMES = ["api", "users", "products", "orders", "payments", "mail"] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

const ALL = SERVICE_NAMES;
const STORING = SERVICE_NAMES.filter(name => name !== "api");

export const SETTINGS = {
  PORT: ["api"],
  HOST: ["api"],
  CORS_ORIGINS: ["api"],
  DATA_DIR: STORING,
  MONGO_URL: STORING,
  STORE_TIMEOUT_MS: STORING,
  NATS_URL: ALL,
  SERVICES: ALL,
  NODE_NAME: ALL,
  REQUEST_TIMEOUT_MS: ALL,
  ADMIN_EMAIL: ["users"],
  ADMIN_PASSWORD: ["users"],
  TOKEN_KEY: ["users"],
  PASSWORD_WORKERS: ["users"],
  SMTP_URL: ["mail"],
  MAIL_FROM: ["mail"],
  CURRENCY: ["products", "orders"],
  DEFAULT_LOCALE: ["api", "users"],
  SAMPLE_CATALOGUE: ["products"],
  PAYMENT_PROVIDER: ["orders", "payments"],
  PAYMENT_TIMEOUT_MS: ["payments"],
  ORDER_EXPIRY_MS: ["orders"],
  LOG_LEVEL: ALL,
  NODE_ENV: ALL,
  ENV_FILE: ALL,
} satisfies Record<string, readonly ServiceName[]>;

export type Setting = keyof typeof SETTINGS;

/** Names and values, as in `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What a program needs of its machine, and what is no setting of ours and no secret of anybody. */
const SURROUNDINGS = new Set(
  `PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TERM COLORTERM NO_COLOR FORCE_COLOR TMPDIR TMP TEMP LD_LIBRARY_PATH
  NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_COMPILE_CACHE NODE_V8_COVERAGE UV_THREADPOOL_SIZE SSL_CERT_FILE SSL_CERT_DIR
  SYSTEMROOT WINDIR SYSTEMDRIVE COMSPEC PATHEXT USERPROFILE APPDATA LOCALAPPDATA PROGRAMDATA`.split(/\s+/),
);

/** Windows writes some of them in lower case. */
const isOfTheMachine = (name: string): boolean => SURROUNDINGS.has(name.toUpperCase()) || name.startsWith("LC_");

const isFor = (name: string, services: readonly ServiceName[]): boolean => {
  const users: readonly ServiceName[] = SETTINGS[name as Setting] ?? [];
  return services.some(service => users.includes(service));
};

/** The part of an environment that a process with these services needs; without services, what every program needs. */
export const environmentFor = (services: readonly ServiceName[], env: Env): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => isOfTheMachine(name) || isFor(name, services)));
