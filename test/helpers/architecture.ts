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
const MAX_WIDTH = 120;
/** The first comment, which may go on for a line or two. */
const OPENING = /^(?:#!.*\n)?((?:\/\/ .*\n){1,3})(?!\/\/)/;

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
export type Rule = (path: string, text: string, imports: readonly Import[], all: Sources) => string[];

export const isShort: Rule = (_path, text) => {
  const lines = text.trimEnd().split("\n").length;
  return lines > MAX_LINES ? [`has ${lines} lines, more than ${MAX_LINES}`] : [];
};

export const opensWithASentence: Rule = (_path, text) => {
  const [, comment = ""] = OPENING.exec(text) ?? [];
  const isSentence = /^[A-Z][^]*[.:?]$/.test(comment.replaceAll(/^\/\/ /gm, "").trim());
  return isSentence ? [] : ["does not open with a sentence on what it is for"];
};

export const isNarrow: Rule = (_path, text) => {
  const wide = text.split("\n").flatMap((line, index) => (Array.from(line).length > MAX_WIDTH ? [index + 1] : []));
  return wide.length > 0 ? [`has lines wider than ${MAX_WIDTH}: ${wide.join(", ")}`] : [];
};

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

/** `*.rules.ts` marks a file of rules. What such a file needs at run time has to be as pure. */
const isPure = (path: string, all: Sources, asked: ReadonlySet<string> = new Set()): boolean =>
  path.endsWith(".rules.ts") ||
  [...all.keys()].some(
    other =>
      !asked.has(other) &&
      folderOf(other) === folderOf(path) &&
      importsOf(other, all).some(found => found.file === path && !found.typesOnly) &&
      isPure(other, all, new Set([...asked, path])),
  );

const GLOBALS = /\b(?:new Date\(\)|Date\.now|process\.|setTimeout|setInterval|Math\.random)/;

const knowsNoFramework: Rule = (path, text, imports, all) => {
  if (!/^(services|examples)\//.test(path) || !isPure(path, all)) return [];
  const wrong = imports.filter(found => {
    const free =
      found.typesOnly || within(found, "contracts", "lib/contract.ts", "lib/refusal.ts", "services", "examples");
    return found.file === undefined || !free || within(found, "lib/store");
  });
  return [
    ...wrong.map(found => `imports ${found.from}: rules know no framework, no store, no clock`),
    ...(GLOBALS.test(withoutStrings(withoutComments(text)))
      ? ["looks at the clock or the process: rules are told"]
      : []),
  ];
};

export const layers: readonly Rule[] = [
  importRule(
    /^(services|examples)\//,
    (found, path) => !found.file || within(found, folderOf(path), "contracts", "lib"),
    "a service knows its own folder, contracts and lib",
  ),
  importRule(/^lib\//, found => !found.file || within(found, "lib"), "lib knows nothing of the shop"),
  importRule(
    /^contracts\//,
    found =>
      found.from === "@sinclair/typebox" ||
      within(found, "contracts", "lib/contract.ts") ||
      (found.file === "lib/refusal.ts" && found.typesOnly),
    "contracts know each other, lib/contract and the type of a refusal",
  ),
  importRule(
    /^(lib|services|contracts)/,
    (found, path) => !isMoleculer(found) || found.typesOnly || /^(lib\/(moleculer|store)\/|services\/api\/)/.test(path),
    "Moleculer is wrapped by lib/moleculer",
  ),
  knowsNoFramework,
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
    rules.flatMap(rule => rule(path, text, importsOf(path, sources), sources).map(problem => `${path}: ${problem}`)),
  );
