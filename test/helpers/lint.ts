// Asks oxlint, with the project's settings, about files that are not part of the project.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { temporaryFolder } from "./broker";

/** Where a file would lie in the project, and what it would say. */
export type Example = readonly [path: string, text: string];

interface Report {
  diagnostics: { code: string; filename: string }[];
}

/**
 * The rules that each file breaks, such as `eslint(max-lines)`, each rule once; no line for files that break none.
 * @throws SyntaxError when oxlint has no report to give, e.g. about settings that it does not understand
 */
export const lint = (examples: readonly Example[]): ReadonlyMap<string, readonly string[]> => {
  const root = temporaryFolder();
  copyFileSync(".oxlintrc.json", join(root, ".oxlintrc.json"));
  for (const [path, text] of examples) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const args = [resolve("node_modules/oxlint/bin/oxlint"), "--format", "json", "."];
  const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  const broken = new Map<string, string[]>();
  for (const { filename, code } of (JSON.parse(stdout) as Report).diagnostics) {
    const path = filename.replaceAll("\\", "/");
    broken.set(path, [...new Set([...(broken.get(path) ?? []), code])]);
  }
  return broken;
};
