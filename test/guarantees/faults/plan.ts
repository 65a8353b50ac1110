// What is done to which process, and when: decided by a seed before anything runs.
import { between, oneOf, type Random, randomFrom, shuffled } from "../../helpers/random";

/** `kill`: SIGKILL, and started again after `forMs`. `stop`: SIGSTOP, and SIGCONT after `forMs`. */
export type FaultKind = "kill" | "stop";

export interface Fault {
  /** Milliseconds from the beginning of the load. */
  readonly atMs: number;
  readonly kind: FaultKind;
  /** The name of a process. */
  readonly target: string;
  readonly forMs: number;
}

export interface PlanOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** The processes that faults may strike. */
  readonly targets: readonly string[];
  /** Milliseconds from one fault to the next, on average. */
  readonly everyMs: number;
}

const KINDS: readonly FaultKind[] = ["kill", "stop"];

/** Who is not heard of for longer than this counts as dead for the others. */
const SILENCE_MS = 3000;
/** Milliseconds, least and most. Of those who are stopped, half stay away until the others have given them up. */
const AWAY: Readonly<Record<FaultKind, readonly (readonly [number, number])[]>> = {
  kill: [[0, SILENCE_MS]],
  stop: [
    [200, SILENCE_MS / 2],
    [SILENCE_MS + 1000, 2 * SILENCE_MS],
  ],
};

interface Card {
  readonly kind: FaultKind;
  readonly target: string;
}

/** Every kind of fault for every target, each once before the first comes again. */
function* deal(random: Random, targets: readonly string[]): Generator<Card, never> {
  const deck = targets.flatMap(target => KINDS.map(kind => ({ kind, target })));
  for (;;) yield* shuffled(random, deck);
}

/**
 * The faults of a run, in the order of their times: the same for the same options. None begins while its target still
 * suffers from another one, and all are over by the end.
 */
export const planOf = ({ seed, durationMs, targets, everyMs }: PlanOptions): Fault[] => {
  const random = randomFrom(seed);
  const cards = deal(random, targets);
  const freeAt = new Map<string, number>();
  const faults: Fault[] = [];
  for (let atMs = between(random, 0, everyMs); atMs < durationMs; atMs += between(random, 1, 2 * everyMs)) {
    const card = cards.next().value;
    const [least, most] = oneOf(random, AWAY[card.kind]);
    const forMs = between(random, least, most);
    const begin = Math.max(atMs, freeAt.get(card.target) ?? 0);
    if (begin + forMs >= durationMs) continue;
    // A process that comes back gets a moment to do so.
    freeAt.set(card.target, begin + forMs + everyMs);
    faults.push({ atMs: begin, ...card, forMs });
  }
  return faults.sort((one, other) => one.atMs - other.atMs);
};
