// Settings: declared as schemas, read from the environment, and named in the error when one is bad.
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { type Static, type TObject, type TSchema, Type } from "@sinclair/typebox";
import Ajv from "ajv";
import { parseAddress } from "./addresses";
import { StartupError } from "./errors";

/** Names and values, as in `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What a setting may say beside its JSON Schema. Its `default` is what it is when it is not set. */
export interface SettingOptions {
  /** What it must be, in words that end "it must be …". Numbers and choices say it by themselves. */
  wanted?: string;
  /** A secret, or an address that may carry one: its value is never printed. Of a list, it or its items say so. */
  secret?: true;
  /** What no schema can say. Of a list, it is asked about the whole list. */
  check?(value: never): boolean;
  /** In production: another default, or none at all. */
  inProduction?: { default: unknown } | { required: true };
}

const ajv = new Ajv({ strict: false });

/** Words that cannot be an address with a password that was written behind the wrong name. */
const PLAIN = /^[\w.*+ ,-]{1,80}$/;

const wordsFor = ({ type, minimum, maximum, enum: choices, wanted, items }: TSchema): string => {
  if (typeof wanted === "string") return wanted;
  if (type === "array") return wordsFor(items as TSchema);
  if (type === "integer") return `a whole number from ${minimum} to ${maximum}`;
  return Array.isArray(choices) ? `one of ${choices.join(", ")}` : "a text";
};

/** What a start prints ends up in logs. `whole` is the value that the bad one is a part of. */
const bad = (name: string, setting: TSchema, value: string, whole = value): never => {
  const isSecret = [setting, setting.items as TSchema | undefined].some(one => one?.secret === true);
  const shown = !isSecret && PLAIN.test(whole) ? `${name}=${value}` : name;
  throw new StartupError(`${shown} is not usable: it must be ${wordsFor(setting)}.`);
};

const fits = (schema: TSchema, value: unknown): boolean => {
  const { check } = schema as SettingOptions;
  return ajv.validate(schema, value) && (check === undefined || check(value as never));
};

const listIn = (text: string): string[] => [
  ...new Set(
    text
      .split(",")
      .map(item => item.trim())
      .filter(Boolean),
  ),
];

/** NaN for what only a programming language takes for a whole number: 0x10, 1e3. */
const integerIn = (text: string): number => (/^-?[0-9]+$/.test(text) ? Number(text) : Number.NaN);

const valueOf = (name: string, setting: TSchema, text: string): unknown => {
  if (setting.type !== "array") {
    const value = setting.type === "integer" ? integerIn(text) : text;
    return fits(setting, value) ? value : bad(name, setting, text);
  }
  const items = listIn(text);
  for (const item of items) if (!fits(setting.items as TSchema, item)) bad(name, setting, item, text);
  return fits(setting, items) ? items : bad(name, setting, text);
};

/** Empty counts as unset, so that `.env` may list every name. */
const textIn = (env: Env, name: string): string | undefined => env[name]?.trim() || undefined;

const defaultOf = (name: string, setting: TSchema, production: boolean): unknown => {
  const { inProduction } = setting as SettingOptions;
  if (!production || inProduction === undefined) return setting.default;
  if ("default" in inProduction) return inProduction.default;
  const why = `${wordsFor(setting)} (NODE_ENV=production has no default for it)`;
  throw new StartupError(`${name} is not set: it must be ${why}.`);
};

/**
 * The settings that a schema declares, by their names in the environment.
 * @throws StartupError naming the first that cannot be used; it never prints a secret
 */
export const readSettings = <S extends TObject>(schema: S, env: Env): Static<S> => {
  const production = textIn(env, "NODE_ENV") === "production";
  const values = Object.entries(schema.properties).map(([name, setting]) => {
    const text = textIn(env, name);
    return [name, text === undefined ? defaultOf(name, setting, production) : valueOf(name, setting, text)] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Static<S>;
};

const ENCODED = "and special characters of a password must be percent-encoded: @ as %40, a comma as %2C";

/** The address of another system. A bad one may be nothing but its password: it is never printed. */
export const address = (schemes: readonly string[], wanted: string) =>
  Type.String({
    secret: true,
    wanted: `${wanted}, ${ENCODED}`,
    check: (value: string) => schemes.includes(parseAddress(value)?.scheme ?? ""),
  } satisfies SettingOptions);

/** Servers that are entered with one name and password: those of the first. */
export const addresses = (schemes: readonly string[], wanted: string) => {
  const item = address(schemes, wanted);
  const check = (servers: readonly string[]) => {
    const entrance = parseAddress(servers[0] ?? "");
    return servers.every(server => {
      const { user, password, rest } = parseAddress(server) ?? {};
      return rest === "" && (user === undefined || (user === entrance?.user && password === entrance.password));
    });
  };
  const { wanted: words } = item as SettingOptions;
  return Type.Array(item, { secret: true, wanted: words, check } as SettingOptions);
};

const NO_FILE = "none";

/** @param path may name nothing, or a folder: such as a virtual environment of Python's */
const settingsIn = (path: string): Env | undefined => {
  try {
    return parseEnv(readFileSync(path, "utf8")) as Env;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "EISDIR" ? undefined : unreadable(path);
  }
};

const unreadable = (path: string): never => {
  const wanted = "a file of settings that can be read, or none";
  throw new StartupError(`ENV_FILE=${path} is not usable: it must be ${wanted}.`);
};

/**
 * The environment, over what `.env` in the working directory says; ENV_FILE names another file, or `none`. What is read
 * from the file does not become part of the process's environment, where its children and its crash reports would find
 * it.
 * @param path the file where ENV_FILE names none; nobody misses it
 * @throws StartupError when the file that ENV_FILE names cannot be read, or the other is there and cannot
 */
export const readEnvironment = (env: Env = process.env, path = ".env"): Env => {
  const named = textIn(env, "ENV_FILE");
  if (named === NO_FILE) return env;
  const settings = settingsIn(named ?? path) ?? (named === undefined ? {} : unreadable(named));
  return { ...settings, ...env };
};

/** What a program needs of its machine, and what is no setting of ours and no secret of anybody. */
const SURROUNDINGS = new Set(
  `PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TERM COLORTERM NO_COLOR FORCE_COLOR TMPDIR TMP TEMP LD_LIBRARY_PATH
  NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_COMPILE_CACHE NODE_V8_COVERAGE UV_THREADPOOL_SIZE SSL_CERT_FILE SSL_CERT_DIR
  SYSTEMROOT WINDIR SYSTEMDRIVE COMSPEC PATHEXT USERPROFILE APPDATA LOCALAPPDATA PROGRAMDATA`.split(/\s+/),
);

/** Windows writes some of them in lower case. */
const isOfTheMachine = (name: string): boolean => SURROUNDINGS.has(name.toUpperCase()) || name.startsWith("LC_");

/** The part of an environment that a process with these settings needs: no process gets a secret of another one. */
export const environmentFor = (settings: readonly TObject[], env: Env): Env => {
  const names = new Set(settings.flatMap(({ properties }) => Object.keys(properties)));
  return Object.fromEntries(Object.entries(env).filter(([name]) => isOfTheMachine(name) || names.has(name)));
};
