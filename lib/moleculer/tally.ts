// Counts the calls that a process has answered, and how long they took: numbers only, so that it costs a call nothing.

/** Calls to one action since the process started. Times are in milliseconds. */
interface Count {
  calls: number;
  running: number;
  sum: number;
  min: number;
  max: number;
  /** How often it failed or refused, by the error's type. */
  readonly errors: Map<string, number>;
}

export type Labels = Readonly<Record<string, string>>;
type Value =
  { labels: Labels; value: number } | { labels: Labels; count: number; min: number; mean: number; max: number };

/** As Moleculer's `$node.metrics` answers it: other people's tools know this shape. */
export interface Metric {
  readonly type: "counter" | "gauge" | "histogram";
  readonly name: string;
  readonly description: string;
  readonly labelNames: readonly string[];
  readonly unit: string;
  readonly values: readonly Value[];
}

export interface MetricFilter {
  readonly types?: string | readonly string[] | null;
  readonly includes?: string | readonly string[] | null;
  readonly excludes?: string | readonly string[] | null;
}

/** Types of errors come from handlers: a guest's may be as many as it likes. */
const MAX_ERROR_TYPES = 50;
export const OTHER = "OTHER";

export class Tally {
  private readonly counts = new Map<string, Count>();

  /** Counts a call of this action as begun; what it returns, as ended: `error` is the type of what it failed with. */
  of(action: string): () => (took: number, error?: string) => void {
    const count = this.counts.get(action) ?? {
      calls: 0,
      running: 0,
      sum: 0,
      min: Number.POSITIVE_INFINITY,
      max: 0,
      errors: new Map<string, number>(),
    };
    this.counts.set(action, count);
    const end = (took: number, error?: string) => {
      count.running -= 1;
      count.calls += 1;
      count.sum += took;
      count.min = Math.min(count.min, took);
      count.max = Math.max(count.max, took);
      if (error === undefined) return;
      const type = count.errors.has(error) || count.errors.size < MAX_ERROR_TYPES ? error : OTHER;
      count.errors.set(type, (count.errors.get(type) ?? 0) + 1);
    };
    return () => {
      count.running += 1;
      return end;
    };
  }

  /** What was counted, under Moleculer's own names. Actions that nobody has called are left out. */
  list(): Metric[] {
    const called = [...this.counts].filter(([, { calls, running }]) => calls + running > 0);
    const per = (value: (count: Count) => number): Value[] =>
      called.map(([action, count]) => ({ labels: { action }, value: value(count) }));
    const times = called
      .filter(([, { calls }]) => calls > 0)
      .map(([action, { calls, sum, min, max }]) => ({ labels: { action }, count: calls, min, mean: sum / calls, max }));
    const errors = called.flatMap(([action, count]) =>
      [...count.errors].map(([errorType, value]) => ({ labels: { action, errorType }, value })),
    );
    return [
      {
        type: "counter",
        name: "moleculer.request.total",
        description: "Number of requests",
        labelNames: ["action"],
        unit: "request",
        values: per(({ calls, running }) => calls + running),
      },
      {
        type: "gauge",
        name: "moleculer.request.active",
        description: "Number of active requests",
        labelNames: ["action"],
        unit: "request",
        values: per(({ running }) => running),
      },
      {
        type: "counter",
        name: "moleculer.request.error.total",
        description: "Number of request errors",
        labelNames: ["action", "errorType"],
        unit: "request",
        values: errors,
      },
      {
        type: "histogram",
        name: "moleculer.request.time",
        description: "Request times in milliseconds",
        labelNames: ["action"],
        unit: "millisecond",
        values: times,
      },
    ];
  }
}

const listOf = (names: string | readonly string[] | null | undefined): readonly string[] | undefined =>
  names === null || names === undefined ? undefined : [names].flat();

/** Moleculer's patterns: `*` is one part of a dotted name, `**` any number of them. */
const matches = (name: string, pattern: string): boolean => {
  const source = pattern
    .split(/(\*\*|\*|\?)/)
    .map(part => ({ "**": ".*", "*": "[^.]*", "?": "." })[part] ?? part.replaceAll(/[^\w]/g, String.raw`\$&`));
  return new RegExp(`^${source.join("")}$`).test(name);
};

/** The metrics that a filter lets through; without one, all of them. */
export const filtered = (metrics: readonly Metric[], { types, includes, excludes }: MetricFilter): Metric[] =>
  metrics.filter(({ type, name }) => {
    const fits = (patterns: readonly string[]) => patterns.some(pattern => matches(name, pattern));
    return (listOf(types)?.includes(type) ?? true) && fits(listOf(includes) ?? ["**"]) && !fits(listOf(excludes) ?? []);
  });

/** The metrics of several nodes as one list: of each name one metric, and its values say which node they are from. */
export const merged = (nodes: Readonly<Record<string, readonly Metric[]>>): Metric[] => {
  const all = new Map<string, Metric>();
  for (const [node, metrics] of Object.entries(nodes)) {
    for (const metric of metrics) {
      const values = metric.values.map(value => ({ ...value, labels: { ...value.labels, node } }));
      const known = all.get(metric.name);
      all.set(metric.name, {
        ...metric,
        labelNames: [...metric.labelNames, "node"],
        values: [...(known?.values ?? []), ...values],
      });
    }
  }
  return [...all.values()];
};
