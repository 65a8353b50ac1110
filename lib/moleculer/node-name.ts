// One name, one live process: asks on NATS whether a name is taken, holds it, and gives way to whoever took it from a
// process that hung.
import { randomUUID } from "node:crypto";
import { connect, Events, type Msg, type NatsConnection, StringCodec } from "nats";
import { natsOptions } from "./nats";
import { StartupError } from "../errors";

/** Who asks. */
export interface Claim {
  id: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Whether it has the name, and asks whether it still does. */
  holds: boolean;
}

/** What a question does to who hears it: he keeps the name and says so, he loses it, or nothing. */
export type Verdict = "keeps" | "loses";

const isEarlier = (one: Claim, other: Claim) =>
  one.startedAt === other.startedAt ? one.id < other.id : one.startedAt < other.startedAt;

/**
 * Between two live processes with one name. Who holds it beats who wants it; of two who want it the earlier one wins.
 * Two hold it only when the earlier one hung or was cut off and was replaced: the later one is then whom all others
 * know.
 */
export const verdict = (mine: Claim, theirs: Claim): Verdict => {
  if (mine.holds !== theirs.holds) return mine.holds ? "keeps" : "loses";
  return isEarlier(mine, theirs) === mine.holds ? "loses" : "keeps";
};

/** Milliseconds after which a process that has the name and does not answer counts as hung. */
const PATIENCE = 3000;
/** Milliseconds between looks at the clock, and how late a look shows that this process itself hung. */
const LOOK = 500;
const HUNG = PATIENCE - 2 * LOOK;

const NO_RESPONDERS = 503;
const text = StringCodec();

const claimIn = (message: Msg): Claim | undefined => {
  try {
    const { id, startedAt, holds } = JSON.parse(text.decode(message.data)) as Partial<Claim>;
    const isClaim = typeof id === "string" && typeof startedAt === "number" && typeof holds === "boolean";
    return isClaim ? { id, startedAt, holds } : undefined;
  } catch {
    return undefined;
  }
};

export interface HeldName {
  /** Gives the name back. */
  release(): Promise<void>;
}

class NameClaim {
  private readonly mine: Claim;
  private readonly subject: string;
  private settle: ((taken: boolean) => void) | undefined;
  private watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: NatsConnection,
    name: string,
    startedAt: number,
    private readonly onLost: () => void,
  ) {
    this.mine = { id: randomUUID(), startedAt, holds: false };
    this.subject = `jangteo-names.${name.replaceAll(/[^\w-]/g, "_")}`;
  }

  /**
   * Resolves with whether the name is ours. In callbacks, not promises: what is decided on one message holds for the
   * next.
   */
  async claim(): Promise<boolean> {
    this.connection.subscribe(this.subject, { callback: (_error, message) => this.hear(message) });
    const won = await new Promise<boolean>(resolve => {
      const timer = setTimeout(() => this.settle?.(false), PATIENCE);
      this.settle = taken => {
        this.settle = undefined;
        clearTimeout(timer);
        this.mine.holds = !taken;
        resolve(!taken);
      };
      this.ask();
    });
    if (won) this.keep();
    return won;
  }

  release(): void {
    clearInterval(this.watch);
  }

  private ask(): void {
    const inbox = `${this.subject}.${randomUUID()}`;
    const answers = this.connection.subscribe(inbox, {
      callback: (error, message) => {
        answers.unsubscribe();
        const isNobody = error?.code === String(NO_RESPONDERS) || message.headers?.code === NO_RESPONDERS;
        if (isNobody) this.settle?.(false);
        else if (!error) this.lose();
      },
    });
    this.connection.publish(this.subject, text.encode(JSON.stringify(this.mine)), { reply: inbox });
    // An answer that comes later than this is to a question that has been decided.
    setTimeout(() => answers.unsubscribe(), PATIENCE).unref();
  }

  private hear(message: Msg): void {
    const theirs = claimIn(message);
    if (!theirs || theirs.id === this.mine.id) return;
    if (verdict(this.mine, theirs) === "keeps") message.respond();
    else this.lose();
  }

  private lose(): void {
    if (this.settle) return this.settle(true);
    if (!this.mine.holds) return;
    this.mine.holds = false;
    this.onLost();
  }

  /** While this process hung or was cut off, somebody else may have taken the name. */
  private keep(): void {
    let last = performance.now();
    this.watch = setInterval(() => {
      const now = performance.now();
      if (now - last > HUNG) this.ask();
      last = now;
    }, LOOK);
    this.watch.unref();
    void (async () => {
      for await (const { type } of this.connection.status()) if (type === Events.Reconnect) this.ask();
    })();
  }
}

const refusal = (name: string) =>
  new StartupError(
    `NODE_NAME ${name} belongs to another process that is running: stop that one, or set another NODE_NAME.`,
  );

/**
 * Takes a name for this process, unless a live one has it. A dead one's name is free at once, one that hangs loses it.
 * @param startedAt milliseconds since the epoch
 * @param onLost called when another process has taken the name after all, because this one hung or was cut off
 * @throws StartupError when a live process has the name
 */
export const holdName = async (
  servers: readonly string[],
  { name, startedAt }: { name: string; startedAt: number },
  onLost: (why: StartupError) => void,
): Promise<HeldName> => {
  const connection = await connect({ ...natsOptions(servers), noEcho: true });
  const claim = new NameClaim(connection, name, startedAt, () => onLost(refusal(name)));
  if (!(await claim.claim())) {
    await connection.close();
    throw refusal(name);
  }
  return {
    async release() {
      claim.release();
      await connection.close();
    },
  };
};
