// What every process of the system is told, whichever services it hosts.
import { Type } from "@sinclair/typebox";
import { addresses } from "../env";
import { choice } from "../contract";

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;

/** @param services the names of all services there are */
export const nodeSettings = <const S extends readonly string[]>(services: S) =>
  Type.Object({
    NATS_URL: Type.Optional(
      addresses(["nats", "tls"], "one or several nats://host:port with one name and password, comma-separated"),
    ),
    SERVICES: Type.Array(choice(...services), {
      default: services,
      wanted: `a comma-separated choice of ${services.join(", ")}`,
    }),
    NODE_NAME: Type.Optional(
      Type.String({ pattern: "^[A-Za-z0-9_-]{1,100}$", wanted: "1 to 100 letters, digits, _ or -" }),
    ),
    REQUEST_TIMEOUT_MS: Type.Integer({ default: 8000, minimum: 100, maximum: 120_000 }),
    LOG_LEVEL: { ...choice(...LOG_LEVELS), default: "info" },
    NODE_ENV: { ...choice("production", "development", "test"), default: "development" },
    ENV_FILE: Type.Optional(Type.String()),
  });
