// Runs Schemathesis (https://schemathesis.io) against a running shop: it makes requests from /openapi.json, valid and
// not, and checks every answer.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findSchemathesis, PYTHON } from "../run/servers";
import { temporaryFolder } from "../helpers/broker";

/** Values that name what is in the shop, by the place in a request that takes them. */
export type Values = Readonly<Record<string, readonly string[]>>;

export interface Run {
  address: string;
  /** Whose requests they are; nobody's without. */
  token?: string;
  /** Requests per operation in each phase. */
  examples: number;
  seed: number;
  /** Only these operations. */
  only?: readonly string[];
  /** All but these. */
  without?: readonly string[];
  /** By operation; the place is `path.id`, `header.If-Match` or `body.items[*].productId`. */
  values: Readonly<Record<string, Values>>;
}

export interface Outcome {
  code: number | null;
  output: string;
}

const toml = (value: unknown) => JSON.stringify(value);

/** What is right for this API, though the tool's defaults say otherwise. */
const CHECKS = `
# The tool takes every 4xx but 401, 403, 404, 409 and 429 for "invalid by the schema". Here 402 is a declined payment,
# 412 a version that
# has passed, 428 an If-Match without a version in it; and 422 also names what no schema knows: a product that does not
# exist, a currency
# that is not the shop's, a key that was used before.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 401, 402, 403, 404, 409, 412, 422, 428, 429, "5xx"]

# A missing If-Match is 428 (RFC 6585, section 3).
[checks.missing_required_header]
expected-statuses = [400, 401, 403, 404, 428]
`;

/** Nine in ten: the others show what is answered to ids that lead nowhere. */
const PROBABILITY = 0.9;

const configOf = (values: Run["values"]): string => {
  const places = Object.entries(values).flatMap(([operation, its]) =>
    Object.entries(its).map(([place, known]) => ({
      operation,
      place,
      known,
      name: `${operation} ${place}`.replaceAll(/\W+/g, "-"),
    })),
  );
  const dictionaries = places.map(({ name, known }) => `${name} = { values = ${toml(known)} }`);
  const operations = Object.keys(values).map(operation => {
    const its = places.filter(place => place.operation === operation);
    return [
      `[[operations]]`,
      `include-operation-id = ${toml(operation)}`,
      `[operations.parameters]`,
      ...its.map(({ place, name }) => `${toml(place)} = { dictionary = ${toml(name)}, probability = ${PROBABILITY} }`),
    ].join("\n");
  });
  return [`[dictionaries]`, ...dictionaries, CHECKS, ...operations].join("\n");
};

/** One run to its end. The code is 0 when no answer was found wanting. */
export const runSchemathesis = async ({
  address,
  token,
  examples,
  seed,
  only = [],
  without = [],
  values,
}: Run): Promise<Outcome> => {
  const folder = temporaryFolder();
  const config = join(folder, "schemathesis.toml");
  writeFileSync(config, configOf(values));
  const options = [
    "--config-file",
    config,
    "run",
    `${address}/openapi.json`,
    "--no-color",
    "--continue-on-failure",
    "--warnings",
    "off",
    "--max-examples",
    String(examples),
    "--seed",
    String(seed),
    "--generation-database",
    "none",
  ];
  const about = [
    ...(token ? ["--header", `Authorization: Bearer ${token}`] : []),
    ...only.flatMap(id => ["--include-operation-id", id]),
    ...without.flatMap(id => ["--exclude-operation-id", id]),
  ];
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    PYTHONPATH: findSchemathesis(),
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUTF8: "1",
  };
  const child = spawn(PYTHON, ["-m", "schemathesis.cli", ...options, ...about], {
    env,
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  await once(child, "close");
  return { code: child.exitCode, output };
};
