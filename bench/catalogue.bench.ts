// P8: does the catalogue cost the same with a thousand products and with a million?
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { atMost, type Bench, median, type Row } from "./result";
import { seeded } from "./seeded";
import { productId, seedCatalogue } from "./seeded-catalogue";
import type { Answered, Questions } from "./servers/products";

const SIZES = [1000, 10_000, 100_000, 1_000_000];
const ROUNDS = 7;
const CALLS = 100;
const LIMIT = 20;
const DEEP_PAGE = 1000;
/** In which the way to the deep page is gone. */
const STRIDE = 100;
const GOAL_RATIO = 1.5;
const GOAL_BLOCK_MS = 5;

interface Page {
  items: { id: string; category: string }[];
  total: number;
  nextCursor: string | null;
}

class Products {
  readonly seen = new Map<string, { micros: number[]; blocks: number[] }>();
  /** The cursor of page 1 000, or of the last one. */
  deep: string | undefined;

  private constructor(
    private readonly child: ChildProcess,
    readonly size: number,
  ) {}

  static async open(size: number): Promise<Products> {
    const dataDir = await seeded(`catalogue-${size}`, folder => seedCatalogue(folder, size));
    const child = fork(join(__dirname, "servers", "products.js"), [dataDir], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    await new Promise((resolve, reject) => {
      child.once("message", resolve);
      child.once("exit", code => reject(new Error(`products ended with ${code}`)));
    });
    const products = new Products(child, size);
    const before = Math.min((DEEP_PAGE - 1) * LIMIT, size - LIMIT);
    for (let passed = 0; passed < before;) {
      const limit = Math.min(STRIDE, before - passed);
      const cursor = products.deep === undefined ? {} : { cursor: products.deep };
      const { last } = await products.ask("products.list", [{ limit, ...cursor }]);
      products.deep = (last as Page).nextCursor ?? products.deep;
      passed += limit;
    }
    return products;
  }

  ask(action: string, params: readonly object[]): Promise<Answered> {
    return new Promise(resolve => {
      this.child.once("message", (answered: Answered) => resolve(answered));
      const questions: Questions = { action, params };
      this.child.send(questions);
    });
  }

  async measure(name: string, { action, params }: Question): Promise<void> {
    const { micros, longestMs } = await this.ask(
      action,
      Array.from({ length: CALLS }, () => params(this)),
    );
    const { micros: all, blocks } = this.seen.get(name) ?? { micros: [], blocks: [] };
    this.seen.set(name, { micros: [...all, micros], blocks: [...blocks, longestMs] });
  }

  stop(): void {
    this.child.kill("SIGKILL");
  }
}

interface Question {
  action: string;
  params(of: Products): object;
}

const list = (params: object): Question => ({ action: "products.list", params: () => ({ limit: LIMIT, ...params }) });

const questions: Readonly<Record<string, Question>> = {
  "first page": list({}),
  "page 1 000 by cursor": {
    action: "products.list",
    params: ({ deep }) => ({ limit: LIMIT, ...(deep === undefined ? {} : { cursor: deep }) }),
  },
  "one category": list({ category: "laptops" }),
  "dearest first": list({ sort: "-price" }),
  "in stock, by name": list({ inStock: true, sort: "name" }),
  categories: { action: "products.categories", params: () => ({}) },
  "by id": {
    action: "products.get",
    params: ({ size }) => ({ id: productId(Math.floor(Math.random() * size)) }),
  },
};

const rowOf = (name: string, all: readonly Products[]): Row => {
  const [smallest, ...larger] = all.map(({ size, seen }) => ({
    size,
    micros: median(seen.get(name)?.micros ?? []),
    block: median(seen.get(name)?.blocks ?? []),
  }));
  if (!smallest) throw new Error("Nothing was measured.");
  const ratios = larger.map(({ size, micros }) => ({ size, ratio: Number((micros / smallest.micros).toFixed(2)) }));
  const block = Number(Math.max(smallest.block, ...larger.map(one => one.block)).toFixed(1));
  return {
    "20 items a page": name,
    [`µs at ${smallest.size}`]: Math.round(smallest.micros),
    ...Object.fromEntries(ratios.map(({ size, ratio }) => [`× at ${size}`, ratio])),
    "longest block ms": block,
    goal: `${atMost(ratios.at(-1)?.ratio ?? 1, GOAL_RATIO, "×")}; ${atMost(block, GOAL_BLOCK_MS, "ms")}`,
  };
};

export const bench: Bench = {
  question: "P8: the catalogue with 1 000 to 1 000 000 products, products service alone, nothing cached",
  async run({ quick }) {
    const [sizes, rounds] = quick ? [SIZES.slice(0, 2), 2] : [SIZES, ROUNDS];
    const all: Products[] = [];
    try {
      for (const size of sizes) all.push(await Products.open(size));
      for (let count = 0; count < rounds; count += 1)
        for (const [name, question] of Object.entries(questions))
          for (const products of all) await products.measure(name, question);
    } finally {
      for (const products of all) products.stop();
    }
    return {
      rows: Object.keys(questions).map(name => rowOf(name, all)),
      note: [
        `Medians of ${rounds} rounds of ${CALLS} calls of the service's actions, one by one, sizes interleaved.`,
        "The block is bounded by the CPU time of a round's most expensive call, which other processes cannot lengthen:",
        "the median of the rounds. Where there are fewer pages, the deep one is the last.",
        "Search is not among them: the shop has none yet.",
        "BENCH_DATA=<folder> keeps what was seeded.",
      ].join(" "),
    };
  },
};
