// Binds deadlines to Moleculer: every call carries its own, and none starts when nobody waits for its answer any more.
import { randomUUID } from "node:crypto";
import type { Middleware, ServiceBroker } from "moleculer";
import { Questions } from "../questions";
import type { Call, Handle, Handler, Publish } from "./call-hooks";
import { gone } from "./caller";
import { CallsUnderWay } from "./calls-under-way";
import { isStamp, PeerClocks, type Stamp, timeLeft } from "./deadline";
import { ABANDONED, givingUp } from "./giving-up";
import { Standstill, TICK, type Times } from "./standstill";

/** Packets by which others learn our clock. Answers are not needed for it: they would only be longer. */
const STAMPED: ReadonlySet<string> = new Set(["REQ", "HEARTBEAT", "INFO", "DISCOVER", "PING", "PONG"]);

export const deadlines = (times: Times = { now: () => performance.now(), day: Date.now }): Middleware => {
  const clock = randomUUID();
  const clocks = new PeerClocks();
  const calls = new CallsUnderWay();
  let broker: ServiceBroker;
  let ticking: NodeJS.Timeout | undefined;

  const standstill = new Standstill(times, (lasted, clockToo) => {
    if (clockToo) clocks.forget();
    broker.logger.warn(
      `This process stood still for ${(lasted / 1000).toFixed(1)} s. ` +
        "What it was asked meanwhile, and was given up, it does not begin.",
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

  const begin = givingUp(
    () => broker,
    times.now,
    key => calls.abandon(key),
  );

  const keyOf = (ctx: Call) => `${ctx.nodeID} ${ctx.id}`;

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
