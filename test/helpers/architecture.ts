// Reads source files as text and lists where they break those rules of the house that no linter knows.
import { posix } from "node:path";

export interface Import {
  /** As written. */
  from: string;
  /** The imported file's path from the root; undefined for packages and Node's own modules. */
  file: string | undefined;
  typesOnly: boolean;
}

export type Sources = ReadonlyMap<string, string>;

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

export const opensWithASentence: Rule = (_path, text) => {
  const [, comment = ""] = OPENING.exec(text) ?? [];
  const isSentence = /^[A-Z][^]*[.:?]$/.test(comment.replaceAll(/^\/\/ /gm, "").trim());
  return isSentence ? [] : ["does not open with a sentence on what it is for"];
};

/** What takes two columns, as Prettier counts: Korean and its neighbours (Unicode UAX 11). */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/gu;
const columnsOf = (line: string) => Array.from(line).length + (line.match(WIDE)?.length ?? 0);

export const isNarrow: Rule = (_path, text) => {
  const wide = text.split("\n").flatMap((line, index) => (columnsOf(line) > MAX_WIDTH ? [index + 1] : []));
  return wide.length > 0 ? [`has lines wider than ${MAX_WIDTH}: ${wide.join(", ")}`] : [];
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

const folderOf = (path: string) => path.split("/").slice(0, 2).join("/");
const within = (found: Import, ...places: string[]) =>
  places.some(place => found.file === place || found.file?.startsWith(`${place}/`));

const isRuleFile = (path: string) => path.endsWith(".rules.ts");

/** Whether a file of rules, in the same folder, needs it at run time, by however many steps. */
const servesRules = (path: string, all: Sources, asked: ReadonlySet<string> = new Set()): boolean =>
  [...all.keys()].some(
    other =>
      !asked.has(other) &&
      folderOf(other) === folderOf(path) &&
      importsOf(other, all).some(found => found.file === path && !found.typesOnly) &&
      (isRuleFile(other) || servesRules(other, all, new Set([...asked, path]))),
  );

const CLOCK = /\bnew Date\(\)/;
const OUTSIDE = /\b(?:Date\.now|process\.|setTimeout|setInterval|Math\.random|crypto\.|performance\.)/;

const knowsNoFramework = (found: Import): boolean =>
  found.file !== undefined &&
  !within(found, "lib/store", "lib/moleculer") &&
  (found.typesOnly || within(found, "contracts", "lib/contract.ts", "lib/refusal.ts", "services", "examples"));

/** What `*.rules.ts` may import, lint says; it does not see what files without that name bring in behind it. */
export const rulesArePure: Rule = (path, text, imports, all) => {
  const serves = !isRuleFile(path) && servesRules(path, all);
  if (!isRuleFile(path) && !serves) return [];
  const code = withoutStrings(withoutComments(text));
  const wrong = serves ? imports.filter(found => !knowsNoFramework(found)) : [];
  return [
    ...wrong.map(({ from }) => `imports ${from}: what rules need knows no framework, no store, no clock`),
    ...(CLOCK.test(code) || (serves && OUTSIDE.test(code)) ? ["looks at the clock: rules are told"] : []),
  ];
};

/** Cycles of imports, each once, as `a → b → a`; also those that lint does not see, of import() and require(). */
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
