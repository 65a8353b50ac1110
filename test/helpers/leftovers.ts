// The environment of every test file: it fails the file that leaves something open, when it does and not only when Jest
// cannot end.
import { setTimeout } from "node:timers/promises";
import { TestEnvironment } from "jest-environment-node";

/** Milliseconds for what is closing already; only a file that leaves something open waits so long. */
const CLOSES_WITHIN = 10_000;
const JEST_IS_QUIET_WITHIN = 500;
/** What ends by itself: work of Node's own that is under way. */
const PASSING = /^(\w*REQ|TickObject|Immediate|ShutdownWrap|WriteWrap|TCPConnectWrap|PipeConnectWrap)/i;

/** What keeps this process alive now, in Node's names: `Timeout`, `TCPServerWrap`, `ProcessWrap`, … */
export const open = (): string[] => process.getActiveResourcesInfo().filter(kind => !PASSING.test(kind));

/** What is open now and was not before, each as often as it came in addition. */
export const addedTo = (before: readonly string[], now: readonly string[]): string[] => {
  const known = [...before];
  return now.filter(kind => {
    const index = known.indexOf(kind);
    if (index !== -1) known.splice(index, 1);
    return index === -1;
  });
};

export default class Leftovers extends TestEnvironment {
  private readonly closesWithin: number;
  private before: string[] = [];
  private left: Promise<string[]> | undefined;
  private hasFailed = false;

  constructor(...given: ConstructorParameters<typeof TestEnvironment>) {
    super(...given);
    const { closesWithin } = given[0].projectConfig.testEnvironmentOptions;
    this.closesWithin = typeof closesWithin === "number" ? closesWithin : CLOSES_WITHIN;
  }

  override async setup(): Promise<void> {
    await super.setup();
    // Opened by their first use, which may be in the test.
    void [process.stdin, process.stdout, process.stderr];
    // With one file, Jest's own process runs it: the short timers of its output would be taken for known ones.
    const until = performance.now() + JEST_IS_QUIET_WITHIN;
    while (open().includes("Timeout") && performance.now() < until) await setTimeout(10, undefined, { ref: false });
    this.before = open();
  }

  /** A test that failed may have left something, and the error of `teardown` would hide what failed. */
  handleTestEvent({ name }: { name: string }): void {
    if (name === "test_fn_failure" || name === "hook_failure") this.hasFailed = true;
  }

  /** @throws Error with what was left open, when all tests passed */
  override async teardown(): Promise<void> {
    const left = await (this.left ??= this.look());
    await super.teardown();
    if (left.length === 0) return;
    const what = `This file leaves open what keeps the process alive: ${left.join(", ")}`;
    if (!this.hasFailed) throw new Error(what);
    console.error(what);
  }

  private async look(): Promise<string[]> {
    const until = performance.now() + this.closesWithin;
    let left = addedTo(this.before, open());
    for (; left.length > 0 && performance.now() < until; left = addedTo(this.before, open()))
      await setTimeout(20, undefined, { ref: false });
    return left;
  }
}
