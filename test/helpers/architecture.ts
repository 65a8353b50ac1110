// Reads source files as text and lists where they break the rules of the house: layers, cycles, size, names.
import { posix } from "node:path";

export interface Import {
  /** As written. */
  from: string;
  /** The imported file's path from the root; undefined for packages and Node's own modules. */
  file: string | undefined;
  typesOnly: boolean;
}

export type Sources = ReadonlyMap<string, string>;

const MAX_LINES = 200;
const OPENING = /^(#!.*\n)?\/\/ [A-Z].*[.:?]$/m;

/** Code without comments, and with the content of its strings and patterns left in place. */
const withoutComments = (text: string): string =>
  text.replaceAll(/(["'`])(?:\\.|(?!\1).)*\1|\/\/.*$|\/\*[^]*?\*\//gm, part => (part.startsWith("/") ? "" : part));
const withoutStrings = (code: string): string => code.replaceAll(/(["'])(?:\\.|(?!\1).)*\1/g, "''");

const isTypesOnly = (clause: string): boolean => {
  if (/^type\s/.test(clause)) return true;
  const names = /^\{([^}]*)\}\s*$/
    .exec(clause)?.[1]
    ?.split(",")
    .map(name => name.trim())
    .filter(Boolean);
  return names !== undefined && names.length > 0 && names.every(name => name.startsWith("type "));
};

const resolve = (path: string, from: string, sources: Sources): string | undefined => {
  if (!from.startsWith(".")) return undefined;
  const target = posix.join(posix.dirname(path), from);
  return [target, `${target}.ts`, target.replace(/\.js$/, ".ts")].find(candidate => sources.has(candidate)) ?? target;
};

/** Everything a file imports, by import, export … from, import() and require(). */
export const importsOf = (path: string, sources: Sources): Import[] => {
  const code = withoutComments(sources.get(path) ?? "");
  const statements = [
    ...code.matchAll(/^(?:import|export)\s+((?:type\s+)?[\w*{][^;"'`=(]*?)\sfrom\s*["']([^"']+)["']/gm),
  ].map(([, clause = "", from = ""]) => ({ from, typesOnly: isTypesOnly(clause) }));
  const others = [
    ...code.matchAll(/^import\s*["']([^"']+)["']|(?<!typeof\s)\b(?:import|require)\(\s*["']([^"']+)["']/gm),
  ].map(([, bare, called]) => ({ from: bare ?? called ?? "", typesOnly: false }));
  return [...statements, ...others].map(found => ({ ...found, file: resolve(path, found.from, sources) }));
};

/** One rule: what is wrong with one file, in words; an empty list when nothing is. */
export type Rule = (path: string, text: string, imports: readonly Import[]) => string[];

export const isShort: Rule = (_path, text) => {
  const lines = text.trimEnd().split("\n").length;
  return lines > MAX_LINES ? [`has ${lines} lines, more than ${MAX_LINES}`] : [];
};

export const opensWithASentence: Rule = (_path, text) =>
  OPENING.exec(text)?.index === 0 ? [] : ["does not open with a sentence on what it is for"];

export const hasNoAny: Rule = (path, text) => {
  if (path === "lib/moleculer/service.ts") return [];
  return /(?<![.\w$])any(?![\w$(:])/.test(withoutStrings(withoutComments(text)).replaceAll(/`[^`]*`/g, "``"))
    ? ["uses any"]
    : [];
};

export const isNoBarrel: Rule = (_path, text) => {
  const code = withoutComments(text);
  const passesOn = /^export\s[^;]*?\sfrom\s*["']/m.test(code);
  const rest = code
    .replaceAll(/^(?:import|export)\s[^;]*?(?:\sfrom\s*)?["'][^"']+["'];?/gm, "")
    .replaceAll(/^export\s*(?:type\s*)?\{[^}]*\};?/gm, "");
  return passesOn && rest.trim() === "" ? ["only passes on what other files export"] : [];
};

/** A version written by hand may be another one than was decided on: a `Loaded` appends at its own. */
export const appendsWhatItLoaded: Rule = (path, text) =>
  path.startsWith("services/") && withoutComments(text).includes("expectedVersion")
    ? ["names an expectedVersion: append to what was loaded"]
    : [];

/** A race written by hand leaves its timer behind, or goes on asking, when it is decided. */
export const racesWithRaceTimer: Rule = (path, text) =>
  path !== "lib/race.ts" && /\bPromise\s*\.\s*race\b/.test(withoutStrings(withoutComments(text)))
    ? ["races by hand: raceTimer of lib/race ends its timer"]
    : [];

const importRule =
  (applies: RegExp, allowed: (found: Import, path: string) => boolean, why: string): Rule =>
  (path, _text, imports) =>
    applies.test(path)
      ? imports.filter(found => !allowed(found, path)).map(found => `imports ${found.from}: ${why}`)
      : [];

const folderOf = (path: string) => path.split("/").slice(0, 2).join("/");
const within = (found: Import, ...places: string[]) =>
  places.some(place => found.file === place || found.file?.startsWith(`${place}/`));
const isMoleculer = ({ from }: Import) =>
  from === "moleculer" || from.startsWith("moleculer-") || from.startsWith("moleculer/");

export const layers: readonly Rule[] = [
  importRule(
    /^services\//,
    (found, path) => !found.file || within(found, folderOf(path), "contracts", "lib"),
    "a service knows its own folder, contracts and lib",
  ),
  importRule(
    /^lib\//,
    found => !found.file || within(found, "lib") || (found.file === "contracts/index.ts" && found.typesOnly),
    "lib knows nothing of the shop but the types of contracts/index",
  ),
  importRule(
    /^contracts\//,
    found =>
      found.from === "@sinclair/typebox" ||
      within(found, "contracts", "lib/contract.ts") ||
      (found.file === "lib/refusal.ts" && found.typesOnly),
    "contracts know each other, lib/contract and the type of a refusal",
  ),
  importRule(
    /^services\/\w+\/(user|product|reservation|order|order-commands|order-view|payment|checkout|templates|addressee|retry)\.ts$/,
    found => {
      const free = found.typesOnly || within(found, "contracts", "lib/contract.ts", "lib/refusal.ts", "services");
      return found.file !== undefined && free && !/^lib\/(store|clock)/.test(found.file);
    },
    "rules know no framework, no store, no clock",
  ),
  importRule(
    /^(lib|services|contracts|moleculer\.config)/,
    (found, path) =>
      !isMoleculer(found) ||
      found.typesOnly ||
      /^(lib\/(service|deadlines|heartbeats|validator|store-\w+)\.ts|services\/api\/)/.test(path),
    "Moleculer is wrapped by lib/moleculer/service",
  ),
  importRule(/./, (found, path) => !within(found, "test") || path.startsWith("test/"), "nothing knows the tests"),
];

/** Cycles of imports, each once, as `a → b → a`. Types count: a cycle of types is a knot as well. */
export const cyclesIn = (sources: Sources): string[] => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
    if (done.has(path) || trail.includes(path)) return;
    for (const { file } of importsOf(path, sources)) if (file && sources.has(file)) visit(file, [...trail, path]);
    done.add(path);
  };
  for (const path of sources.keys()) visit(path, []);
  return cycles;
};

/** All that is wrong, as `path: what`. */
export const violationsIn = (sources: Sources, rules: readonly Rule[]): string[] =>
  [...sources].flatMap(([path, text]) =>
    rules.flatMap(rule => rule(path, text, importsOf(path, sources)).map(problem => `${path}: ${problem}`)),
  );
