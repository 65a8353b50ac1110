// Runs the benchmarks in bench/, one after the other, prints their tables and writes them into bench/RESULTS.md.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Bench, table } from "./result";

const COMPILED = __dirname;
const RESULTS = join("bench", "RESULTS.md");
const HEAD = [
  "# Benchmark results",
  "",
  "Each section says how it was made. The machine was shared and the load came from the same machine: read the ratios,",
  "which are taken from interleaved runs, not the rates.",
].join("\n");

const machine = () => {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const processor = `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}`;
  return [processor, memory, `${type()} ${release()}`, `Node ${process.version}`].join(", ");
};

/** The sections that earlier runs have left, each under its benchmark's name. */
const sectionsSoFar = (): Map<string, string> => {
  const text = existsSync(RESULTS) ? readFileSync(RESULTS, "utf8") : "";
  const sections = text.split(/^(?=## )/m).slice(1);
  return new Map(sections.map(section => [/npm run bench -- ([\w-]+)/.exec(section)?.[1] ?? "", section.trimEnd()]));
};

const measure = async (name: string, quick: boolean): Promise<string> => {
  const { bench } = (await import(join(COMPILED, `${name}.bench.js`))) as { bench: Bench };
  console.log(`\n${bench.question}\n`);
  // What else runs on the machine lengthens all times, and the ratios little, as all variants take turns.
  const [load = 0] = loadavg();
  const { rows, note } = await bench.run({ quick });
  console.log(`${table(rows)}\n\n${note}`);
  const date = new Date().toISOString().slice(0, 10);
  const where = `${machine()}; load average before: ${load.toFixed(1)}`;
  const made = `Made by \`npm run bench -- ${name}\` on ${date}: ${where}.`;
  return [`## ${bench.question}`, table(rows), `${note}\n${made}`].join("\n\n");
};

/** `npm run bench -- [--quick] [name…]`: those whose names contain one of these, such as `hot-list`; all without. */
const main = async () => {
  const { values, positionals } = parseArgs({ options: { quick: { type: "boolean" } }, allowPositionals: true });
  const quick = values.quick ?? false;
  const all = readdirSync(COMPILED).flatMap(file => /^(.*)\.bench\.js$/.exec(file)?.[1] ?? []);
  const names = all.filter(name => positionals.length === 0 || positionals.some(part => name.includes(part)));
  if (names.length === 0) throw new Error(`There is no such benchmark. There are: ${all.join(", ")}.`);
  const sections = sectionsSoFar();
  for (const name of names) {
    sections.set(name, await measure(name, quick));
    if (quick) continue;
    const kept = all.flatMap(known => sections.get(known) ?? []);
    writeFileSync(RESULTS, `${[HEAD, ...kept].join("\n\n")}\n`);
    console.log(`\nWritten to ${RESULTS}.`);
  }
};

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
