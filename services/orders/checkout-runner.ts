// Runs the checkout of orders: after a request at once, and by the sweep whatever a dead process left behind.
import { messageOf } from "../../lib/errors";
import type { Origin } from "../../lib/moleculer/origin";
import { type Step, stepsDue } from "./checkout";
import type { KnownOrder, OrderEvent } from "./order";
import type { Followed, OrderCommands } from "./order-commands";

/** Steps that could not be done now. The order is kept as it is, and the sweep tries again. */
export class StepsFailed extends Error {
  override readonly name = "StepsFailed";
  constructor(failures: readonly { step: string; error: unknown }[]) {
    super(failures.map(({ step, error }) => `${step} failed: ${messageOf(error)}`).join("; "));
  }
}

/** Does all these steps side by side: what came of them, and which of them failed. */
const doAll = async (steps: readonly Step[], order: KnownOrder, { call }: Origin) => {
  const outcomes = await Promise.allSettled(steps.map(step => step.do(order, call)));
  const events: OrderEvent[] = [];
  const failures: { step: string; error: unknown }[] = [];
  steps.forEach(({ name }, index) => {
    const outcome = outcomes[index];
    if (outcome?.status === "fulfilled") events.push(...outcome.value);
    else failures.push({ step: name, error: outcome?.reason });
  });
  return { events, failures };
};

export class CheckoutRunner {
  private readonly running = new Map<string, Promise<Followed>>();
  private stopped = false;

  constructor(private readonly commands: Pick<OrderCommands, "decide">) {}

  /**
   * Takes the order as far as it goes now, on behalf of `origin`: within its deadline, if it has one.
   * @throws StepsFailed when a service that it needs is not there, or the time is over; the sweep goes on later
   */
  advance(id: string, origin: Origin): Promise<Followed> {
    const before = this.running.get(id) ?? Promise.resolve();
    // After the one under way, not instead of it: that one may have read the order before our caller changed it.
    const run = before.then(
      () => this.run(id, origin),
      () => this.run(id, origin),
    );
    this.running.set(id, run);
    const done = () => {
      if (this.running.get(id) === run) this.running.delete(id);
    };
    run.then(done, done);
    return run;
  }

  /** Whether this process is at it already. */
  isRunning(id: string): boolean {
    return this.running.has(id);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.allSettled(this.running.values());
  }

  private async run(id: string, origin: Origin): Promise<Followed> {
    for (;;) {
      let done: Awaited<ReturnType<typeof doAll>> | undefined;
      const followed = await this.commands.decide(
        id,
        async order => {
          done = await doAll(stepsDue(order), order, origin);
          return done.events;
        },
        origin,
      );
      if (done && done.failures.length > 0) throw new StepsFailed(done.failures);
      const isOver = !done || done.events.length === 0 || stepsDue(followed.order).length === 0;
      if (isOver || this.stopped) return followed;
    }
  }
}
