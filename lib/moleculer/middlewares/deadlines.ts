// Binds deadlines to Moleculer: every call carries its own, and none starts when nobody waits for its answer any more.
import { randomUUID } from "node:crypto";
import { type Context, Errors, type Middleware, type ServiceBroker } from "moleculer";
import { type Caller, CallsUnderWay } from "./calls-under-way";
import { isStamp, PeerClocks, type Stamp, timeLeft } from "./deadline";
import { Questions } from "../questions";
import { Standstill, TICK, type Times } from "./standstill";
import { timeLimitOf } from "../registry";

/** The event that tells a node: the call of this id is given up. Its sender is the caller. */
const ABANDONED = "$call.abandoned";
/** Packets by which others learn our clock. Answers are not needed for it: they would only be longer. */
const STAMPED: ReadonlySet<string> = new Set(["REQ", "HEARTBEAT", "INFO", "DISCOVER", "PING", "PONG"]);
/** Errors that a caller gets when it gives up, or its node gives the callee's up. */
const GIVEN_UP: ReadonlySet<unknown> = new Set(["REQUEST_TIMEOUT", "REQUEST_REJECTED"]);

/**
 * The type of the error that refuses a call whose caller has gone: it answers nobody, and no circuit breaker counts it.
 */
export const CALLER_GONE = "CALLER_GONE";

interface Options {
  timeout?: number | null;
  /** Set when the call begins, by the process's own clock: for all its tries together. */
  deadline?: number;
  signal?: AbortSignal;
  /** Another try of this call. */
  ctx?: Call;
}
interface Locals {
  caller?: Caller & { recheck(): Promise<void> | undefined };
}
type Call = Context<unknown, object, Locals, { deadline?: unknown; sent?: unknown }> & { options: Options };
type Handler = (ctx: Call) => Promise<unknown>;
type Begin = (action: string, params: unknown, options?: Options) => Promise<unknown> & { ctx?: Call };
interface Packet<P> {
  type: string;
  target?: string;
  payload: P;
}
type Publish = (packet: Packet<{ stamp?: Stamp }>) => Promise<void>;
type Handle = (
  command: string,
  packet: Packet<{ sender: string; stamp?: unknown; id?: string; event?: string; data?: unknown; headers?: object }>,
) => unknown;

const gone = (action: string | undefined) =>
  new Errors.MoleculerRetryableError(`Nobody waits for ${action} any more.`, 499, CALLER_GONE, {});
const tooLate = (action: string, nodeID: string) => new Errors.RequestTimeoutError({ action, nodeID });
const typeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "type" in error ? error.type : undefined;

const patient: Caller = { timeLeft: () => Number.POSITIVE_INFINITY, signal: new AbortController().signal };

/** Who waits for the answer to a call; on a broker without this middleware, somebody with all the time in the world. */
export const callerOf = (ctx: { locals: object }): Caller => (ctx.locals as Locals).caller ?? patient;

/**
 * To be awaited before a handler starts that had to wait for something first. Rejects when its caller has gone
 * meanwhile.
 */
export const stillWanted = (ctx: { locals: object }): Promise<void> | undefined =>
  (ctx.locals as Locals).caller?.recheck();

export const deadlines = (times: Times = { now: () => performance.now(), day: Date.now }): Middleware => {
  const clock = randomUUID();
  const clocks = new PeerClocks();
  const calls = new CallsUnderWay();
  let broker: ServiceBroker;
  let ticking: NodeJS.Timeout | undefined;

  const standstill = new Standstill(times, (lasted, clockToo) => {
    if (clockToo) clocks.forget();
    broker.logger.warn(
      `This process stood still for ${(lasted / 1000).toFixed(1)} s. What it was asked meanwhile, and was given up, it does not begin.`,
    );
  });

  const questions = new Questions(
    times.now,
    (nodeID, id) => void broker.transit?.sendPing(nodeID, id),
    (asked, stamp) => {
      if (isStamp(stamp)) clocks.answered(asked, stamp, times.now());
      standstill.hasReadUp();
    },
  );

  const keyOf = (ctx: Call) => `${ctx.nodeID} ${ctx.id}`;

  const abandon = ({ nodeID, id, level, action }: Call): void => {
    if (nodeID === null || nodeID === broker.nodeID) return calls.abandon(`${broker.nodeID} ${id}`);
    broker.logger.debug(`Giving up ${action?.name} at ${nodeID}.`);
    // Straight to the node: the registry may have counted it out already, and it may wake up.
    const payload = {
      id: randomUUID(),
      event: ABANDONED,
      data: id,
      level,
      groups: [],
      broadcast: false,
      needAck: false,
    };
    const packet: Packet<object> = { type: "EVENT", target: nodeID, payload };
    broker.transit
      ?.publish(packet as never)
      .catch((error: unknown) => broker.logger.debug("A call could not be given up:", error));
  };

  /** An action's own time limit, or the broker's; never later than what its caller has left (`options.timeout`). */
  const limitOf = (action: string, { timeout }: Options): number => {
    const limits = [timeout, timeLimitOf(broker, action) ?? broker.options.requestTimeout];
    return Math.min(...limits.map(limit => limit || Number.POSITIVE_INFINITY));
  };

  const begin =
    (next: Begin): Begin =>
    (action, params, options = {}) => {
      const again = options.ctx;
      const { signal } = again?.options ?? options;
      const deadline = again?.options.deadline ?? times.now() + limitOf(action, options);
      const left = deadline - times.now();
      if (signal?.aborted) return Promise.reject(gone(action));
      if (left <= 0) return Promise.reject(tooLate(action, broker.nodeID));
      const limits = { deadline, ...(left === Number.POSITIVE_INFINITY ? {} : { timeout: left }) };
      if (again) again.options = { ...again.options, ...limits };
      const running = next(action, params, again ? options : { ...options, ...limits });
      const giveUp = () => {
        if (running.ctx) abandon(running.ctx);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      const done = () => signal?.removeEventListener("abort", giveUp);
      running.then(done, error => {
        done();
        if (GIVEN_UP.has(typeOf(error))) giveUp();
      });
      return running;
    };

  const send =
    (next: Handler): Handler =>
    async ctx => {
      const { deadline = Number.POSITIVE_INFINITY } = ctx.options;
      if (deadline < Number.POSITIVE_INFINITY)
        ctx.headers = { ...ctx.headers, deadline: { clock, at: deadline } satisfies Stamp };
      return next(ctx);
    };

  const start =
    (next: Handler): Handler =>
    ctx => {
      const isRemote = ctx.nodeID !== broker.nodeID;
      const [seconds, nanoseconds] = ctx.startHrTime ? process.hrtime(ctx.startHrTime) : [0, 0];
      const arrived = times.now() - seconds * 1000 - nanoseconds / 1e6;
      const deadline = isRemote && isStamp(ctx.headers.deadline) ? ctx.headers.deadline : undefined;
      const timeout = ctx.options.timeout || undefined;
      const sent = isRemote && typeof ctx.headers.sent === "number" ? ctx.headers.sent : arrived;
      const left = () => timeLeft({ arrived, sent, timeout, deadline }, clocks, times.now());
      const key = keyOf(ctx);
      const call = calls.begin(key, left);

      const refuse = (isThere: boolean) => {
        if (isThere && !call.gone && left() > 0) return;
        broker.metrics.increment("jangteo.calls.late", { action: ctx.action?.name });
        broker.logger.debug(`${ctx.action?.name} is not begun: ${ctx.nodeID} has given it up.`, {
          requestID: ctx.requestID,
        });
        throw gone(ctx.action?.name);
      };
      /**
       * Throws if nobody waits any more; where that is in doubt, asks the caller's node first: what it gave up, it said
       * before.
       */
      const recheck = (): Promise<void> | undefined => {
        const isDoubtful = isRemote && (standstill.isReadingUp(standstill.look()) || left() <= 0);
        if (isDoubtful && !call.gone) return questions.isThere(ctx.nodeID ?? "").then(refuse);
        refuse(true);
        return undefined;
      };
      const run = () => {
        // What is left counts for the calls that the handler makes: not what it was when the call was sent.
        const remaining = left();
        if (remaining < Number.POSITIVE_INFINITY) ctx.options.timeout = remaining + (times.now() - arrived);
        return next(ctx);
      };
      ctx.locals.caller = {
        timeLeft: left,
        recheck,
        get signal() {
          return call.signal;
        },
      };
      const started = async () => {
        const asked = recheck();
        if (asked) await asked;
        return run();
      };
      return started().finally(() => calls.end(key));
    };

  const publish =
    (next: Publish): Publish =>
    packet => {
      if (STAMPED.has(packet.type)) packet.payload.stamp = { clock, at: times.now() };
      return next(packet);
    };

  const handle =
    (next: Handle): Handle =>
    (command, packet) => {
      const { sender, stamp, id, event, data } = packet.payload;
      if (isStamp(stamp)) clocks.heard(stamp, times.now());
      // Seen when it is read: until it starts, it may have to queue here too.
      if (command === "REQ")
        packet.payload.headers = { ...packet.payload.headers, sent: standstill.sentBefore(standstill.look()) };
      if (command === "PONG") questions.answered(id ?? "", stamp);
      if (command !== "EVENT" || event !== ABANDONED) return next(command, packet);
      calls.abandon(`${sender} ${String(data)}`);
      return Promise.resolve(true);
    };

  return {
    name: "Deadlines",
    created(created) {
      broker = created;
      broker.metrics.register({
        name: "jangteo.calls.late",
        type: "counter",
        labelNames: ["action"],
        description: "Calls that were not begun because nobody waited any more",
      });
      ticking = setInterval(() => standstill.look(), TICK).unref();
    },
    async stopped() {
      clearInterval(ticking);
    },
    // Moleculer's types describe the hooks as if they were called already.
    call: begin as never,
    remoteAction: send as never,
    localAction: start as never,
    transitPublish: publish as never,
    transitMessageHandler: handle as never,
  };
};
