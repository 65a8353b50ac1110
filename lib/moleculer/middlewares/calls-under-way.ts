// The calls that this process works on, and which of them nobody waits for any more.

/** Who waits for the answer to a call. */
export interface Caller {
  /** Milliseconds until it gives up; 0 or less when it has, Infinity when it waits for ever. */
  timeLeft(): number;
  /**
   * Aborted when it gives up: its time is over, or its own client has gone. For work that has not begun and is no
   * commitment.
   */
  readonly signal: AbortSignal;
}

/** Ids of calls that were given up and are not known (yet), of which that many are kept. */
const REMEMBERED = 10_000;
/** setTimeout takes no longer time (2³¹ − 1 ms). */
const LONGEST = 2_147_483_647;

class Call implements Caller {
  private controller: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  gone = false;

  constructor(readonly timeLeft: () => number) {}

  // Made when somebody asks for it: most calls are done in a millisecond.
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      const left = this.timeLeft();
      if (this.gone || left <= 0) this.controller.abort();
      else if (left <= LONGEST) this.timer = setTimeout(() => this.abandon(), left).unref();
    }
    return this.controller.signal;
  }

  abandon(): void {
    this.gone = true;
    this.end();
    this.controller?.abort();
  }

  end(): void {
    clearTimeout(this.timer);
  }
}

export class CallsUnderWay {
  private readonly calls = new Map<string, Call>();
  private readonly abandoned = new Set<string>();

  /** A call has come; `key` names it and its caller. */
  begin(key: string, timeLeft: () => number): Call {
    const call = new Call(timeLeft);
    if (this.abandoned.delete(key)) call.abandon();
    this.calls.set(key, call);
    return call;
  }

  /** Its caller has given it up, also before it has begun. */
  abandon(key: string): void {
    const call = this.calls.get(key);
    if (call) return call.abandon();
    this.abandoned.add(key);
    for (const oldest of this.abandoned) {
      if (this.abandoned.size <= REMEMBERED) return;
      this.abandoned.delete(oldest);
    }
  }

  end(key: string): void {
    this.calls.get(key)?.end();
    this.calls.delete(key);
  }
}
