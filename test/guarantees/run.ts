// One run: load on a world of processes, faults by plan, then quiet, and then everything is counted.
import { setTimeout } from "node:timers/promises";
import { raceTimer } from "../../lib/race";
import { randomFrom } from "../helpers/random";
import { check } from "./check/checker";
import type { Facts, Verdict } from "./check/facts";
import { Buyer, readBack } from "./clients/buyer";
import { Clerk } from "./clients/clerk";
import { Records } from "./clients/records";
import { newAccount, ShopClient } from "./clients/shop-client";
import { type Fault, planOf } from "./faults/plan";
import { Evidence, shownBy } from "./gather";
import { ADMIN, type World } from "./world/world";

export interface RunOptions {
  readonly seed: number;
  /** Milliseconds of load and faults. */
  readonly durationMs: number;
  /** Milliseconds between faults, on average. */
  readonly everyMs: number;
  readonly buyers: number;
  /** Milliseconds from when everything runs again until all must be settled. */
  readonly settleWithinMs: number;
  /** Leaves data and logs behind, also when nothing is wrong. */
  readonly keep?: boolean | undefined;
  say(line: string): void;
}

export interface Outcome {
  readonly options: RunOptions;
  readonly faults: readonly Fault[];
  readonly verdicts: readonly Verdict[];
  readonly facts: Facts;
  /** Processes that ended without being told to. */
  readonly endedByThemselves: readonly { name: string; why: string }[];
  /** Milliseconds from when everything ran again until all was settled; undefined when it was not. */
  readonly settledAfterMs: number | undefined;
  /** Where data and logs are, if they were kept: after a run with violations. */
  readonly folder: string;
}

const READERS = 4;

class Run {
  private readonly records = new Records();
  private readonly random;
  private readonly admin: ShopClient;
  private readonly evidence: Evidence;
  private products: readonly string[] = [];
  private readonly atWork: Promise<unknown>[] = [];

  constructor(
    private readonly options: RunOptions,
    private readonly world: World,
  ) {
    this.random = randomFrom(options.seed);
    this.admin = new ShopClient(world.gateways, this.random, ADMIN);
    this.evidence = new Evidence(name => world.openStore(name), world.dataDir);
  }

  async open(): Promise<void> {
    await this.admin.signIn();
    const clerk = new Clerk(this.admin, this.random, this.records);
    this.products = await clerk.createProducts();
    const customers = Array.from(
      { length: this.options.buyers },
      () => new ShopClient(this.world.gateways, this.random, newAccount()),
    );
    await Promise.all(customers.map(customer => customer.register(() => false)));
    const { admin, products, random, records } = this;
    const buyers = customers.map(customer => new Buyer({ customer, admin, products, random, records }));
    this.atWork.push(clerk.run(products), ...buyers.map(buyer => buyer.run()));
  }

  async suffer(faults: readonly Fault[]): Promise<void> {
    const beganAt = performance.now();
    const strike = async (fault: Fault) => {
      await setTimeout(Math.max(0, fault.atMs - (performance.now() - beganAt)));
      await this.world.strike(fault);
    };
    const end = setTimeout(this.options.durationMs);
    await Promise.all([end, ...faults.map(strike)]);
  }

  /** Milliseconds until nothing was left to complain of; undefined when something still is. */
  async settle(): Promise<number | undefined> {
    this.records.isClosing = true;
    const wholeAt = performance.now();
    const elapsed = () => performance.now() - wholeAt;
    const left = Promise.all(this.atWork).then(() => undefined);
    // Clients wait for their answers, but not for ever.
    await raceTimer(left, this.options.settleWithinMs, () => {
      this.records.isOver = true;
    });
    await left;
    for (;;) {
      const calm = await this.isCalm();
      if (calm) return elapsed();
      if (elapsed() > this.options.settleWithinMs) return undefined;
      await setTimeout(500);
    }
  }

  /** Everything there is to know, once the gateways have shown all that they show. */
  async facts(): Promise<Facts> {
    const shown = await Promise.all(this.world.gateways.map(gateway => shownBy(gateway, this.admin, this.products)));
    const { purchases, deeds, restocks, readings } = this.records;
    return { ...(await this.evidence.collect()), purchases, deeds, restocks, readings, shown, damage: [] };
  }

  /** Reads every acknowledged order once more. */
  async readAll(): Promise<void> {
    const orders = [...this.records.acknowledged];
    const beganAt = performance.now();
    const isLate = () => performance.now() - beganAt > this.options.settleWithinMs;
    const reader = async () => {
      for (let next = orders.pop(); next; next = orders.pop()) {
        const [id, version] = next;
        while (!isLate() && !(await readBack(this.admin, id, version, this.records.readings))) await setTimeout(100);
      }
    };
    await Promise.all(Array.from({ length: READERS }, reader));
  }

  private async isCalm(): Promise<boolean> {
    try {
      return check(await this.facts()).every(({ violations }) => violations.length === 0);
    } catch {
      return false;
    }
  }
}

/** Runs, counts, and leaves nothing behind but, when there are violations, its folder. */
export const run = async (options: RunOptions, openWorld: () => Promise<World>): Promise<Outcome> => {
  const { seed, durationMs, everyMs, say } = options;
  const startedAt = performance.now();
  const since = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const world = await openWorld();
  let isClean = false;
  try {
    const one = new Run(options, world);
    await one.open();
    const targets = world.targets.map(({ name }) => name);
    const faults = planOf({ seed, durationMs, everyMs, targets });
    say(`${since()}: ${targets.length} processes are up, ${faults.length} faults are to come.`);
    await one.suffer(faults);
    await world.whole();
    say(`${since()}: everything runs again.`);
    const settledAfterMs = await one.settle();
    await one.readAll();
    const facts = await one.facts();
    const verdicts = check(facts);
    isClean = verdicts.every(({ violations }) => violations.length === 0);
    say(`${since()}: counted.`);
    const { endedByThemselves, folder } = world;
    return { options, faults, verdicts, facts, endedByThemselves, settledAfterMs, folder };
  } finally {
    await world.end(options.keep === true || !isClean);
  }
};
