// Runs the benchmarks in bench/, one after the other, prints their tables and writes bench/RESULTS.md.
import { readdirSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { type Bench, table } from "./result";

const COMPILED = __dirname;
const RESULTS = join("bench", "RESULTS.md");

const machine = () => {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const processor = `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}`;
  return [processor, memory, `${type()} ${release()}`, `Node ${process.version}`].join(", ");
};

/** @param names which to run, such as `hot-list`; all when empty */
const main = async (names: readonly string[]) => {
  const files = readdirSync(COMPILED).filter(
    file => file.endsWith(".bench.js") && (names.length === 0 || names.includes(file.replace(".bench.js", ""))),
  );
  const sections: string[] = [];
  for (const file of files) {
    const { bench } = (await import(join(COMPILED, file))) as { bench: Bench };
    console.log(`\n${bench.question}\n`);
    const { rows, note } = await bench.run();
    console.log(`${table(rows)}\n\n${note}`);
    sections.push(`## ${bench.question}\n\n${table(rows)}\n\n${note}\n`);
  }
  if (names.length > 0) return;
  const head = [
    "# Benchmark results",
    "",
    `Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}.`,
    "The machine was shared and the load came from the same machine: read the ratios, not the rates.",
    "",
  ];
  writeFileSync(RESULTS, [...head, ...sections].join("\n"));
  console.log(`\nWritten to ${RESULTS}.`);
};

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
