// What a benchmark asks and answers, and how its answer is printed.

export type Row = Readonly<Record<string, string | number>>;

export interface Options {
  /** Sizes and times that show that the benchmark works, and nothing that is worth quoting. */
  quick: boolean;
}

export interface Bench {
  /** What is measured, and the goal. */
  question: string;
  run(options: Options): Promise<{ rows: readonly Row[]; note: string }>;
}

/** The value that so many percent of the values are not above; NaN of none. */
export const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] =
    sorted.length % 2 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
};

const said = (wanted: string, lacking: number): string =>
  `${wanted}: ${lacking <= 0 ? "met" : `MISSED by ${Number(lacking.toPrecision(2))}`}`;

/** Says whether a goal was met: a missed one stands in the table, and by how much. */
export const atLeast = (value: number, goal: number, unit: string): string => said(`≥ ${goal} ${unit}`, goal - value);
export const atMost = (value: number, goal: number, unit: string): string => said(`≤ ${goal} ${unit}`, value - goal);

/** A Markdown table, aligned so that it also reads well in a terminal. */
export const table = (rows: readonly Row[]): string => {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map(row => columns.map(column => String(row[column] ?? "")))];
  const widths = columns.map((_, index) => Math.max(...cells.map(line => line[index]?.length ?? 0)));
  // The first column says what the row is about; all others are figures.
  const aligned = (text: string, index: number) =>
    index === 0 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0);
  const line = (values: readonly string[]) => `| ${values.map(aligned).join(" | ")} |`;
  const dashes = widths.map(width => "-".repeat(width + 1));
  const rule = dashes.map((text, index) => (index === 0 ? `:${text}` : `${text}:`));
  const [head = [], ...body] = cells;
  return [line(head), `|${rule.join("|")}|`, ...body.map(line)].join("\n");
};
