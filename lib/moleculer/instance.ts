// One instance of a service at work: its store, its log, the feeds that it follows, and its health.
import type { Static, TObject } from "@sinclair/typebox";
import type { Service } from "moleculer";
import type { EventSchemas, FeedName } from "../contract";
import { StartupError } from "../errors";
import { type CheckpointDocument, storedCheckpoint } from "../events/checkpoint";
import { EventStore } from "../events/event-store";
import { feedPage, type Handlers } from "../events/feed";
import type { Follower } from "../events/follower";
import { catchUpReporter, followerOf, rebuilding } from "../events/following";
import type { Logger } from "../logger";
import { Refusal } from "../refusal";
import type { Store } from "../store/store";
import type { AnyHandler } from "./action";
import type { AnyDefinition, AnyOpened, Opening } from "./definition";
import { messageLimit, pageLimit } from "./middlewares/bound-messages";
import { Nudges } from "./nudges";
import { onceReachable, whenReachable } from "./reachable";
import { keepInRotation } from "./rotation";
import { type Runtime, runtimeOf } from "./runtime";

/** Milliseconds that background work waits for the services it needs: those that start beside it come sooner. */
const NEEDS_WITHIN_MS = 10_000;

/** One instance of a service, from its start to its end. */
export class Instance {
  private readonly followers = new Map<FeedName, Follower<EventSchemas>>();
  private store: Store | undefined;
  private events: EventStore<EventSchemas> | undefined;
  private opened: AnyOpened | undefined;
  private leaveRotation: (() => void) | undefined;
  private unhear: (() => void) | undefined;
  private stopWaiting: (() => void) | undefined;
  private unfollow: (() => Promise<void>) | undefined;
  private readonly runtime: Runtime;
  private readonly nudges = new Nudges(position => {
    this.runtime.bus
      .emit(`${this.name as FeedName}.appended`, position > 0 ? { position } : {})
      .catch(error => this.logger.debug("A nudge was not sent:", error));
  });

  constructor(
    private readonly name: string,
    private readonly definition: AnyDefinition,
    private readonly settings: Static<TObject>,
    private readonly acceptsTokens: boolean,
    private readonly service: Service,
  ) {
    this.runtime = runtimeOf(service.broker);
  }

  get logger(): Logger {
    return this.service.logger;
  }

  handler(key: string): AnyHandler {
    if (key === "health") return () => this.health();
    if (key === "feed") return ctx => this.feed(ctx.params as { after: number; limit: number });
    return (ctx, actor) => {
      const handle = this.opened?.actions[key];
      if (!handle) throw new Error(`${this.name}.${key} has no handler`);
      return handle(ctx, actor);
    };
  }

  hear(source: FeedName): void {
    void this.followers.get(source)?.nudge();
    if (source === this.runtime.access.feed && this.acceptsTokens) void this.runtime.access.look();
  }

  async start(nudged: Iterable<FeedName>): Promise<void> {
    const { logger, broker } = this.service;
    const store = (this.store = await this.runtime.openStore(this.name));
    if (this.definition.events) this.events = await EventStore.open(store, () => this.runtime.now());
    const given = { settings: this.settings, store, events: this.events, logger };
    const opening: Opening<TObject, EventSchemas> = Object.assign(Object.create(this.runtime), given);
    this.opened = await this.definition.open(opening);
    await this.follow(store, logger);
    const { readModel } = this.opened;
    await readModel?.begin(catchUpReporter(this.name, logger));
    if (readModel?.trouble !== undefined) {
      const trouble = `What ${this.name} shows does not fit its log: ${readModel.trouble}`;
      throw new StartupError(`${trouble}, such as after a restored backup. ${rebuilding(this.name)}`);
    }
    if (this.acceptsTokens) this.unfollow = this.runtime.access.follow(logger.warn);
    await this.begin();
    this.leaveRotation = keepInRotation(this.service, () => store.ping(), logger);
    // Not awaited: a service must not wait for one that waits for it.
    this.unhear = whenReachable(broker, new Set(nudged), source => this.hear(source));
  }

  async stop(): Promise<void> {
    this.stopWaiting?.();
    this.leaveRotation?.();
    this.unhear?.();
    await this.unfollow?.();
    await Promise.all([...this.followers.values()].map(follower => follower.stop()));
    await this.opened?.stopped?.();
    await this.opened?.readModel?.stop();
    this.nudges.stop();
    await this.store?.close();
  }

  /** Begins its background work. What needs others is not awaited: they may be waiting for this one. */
  private async begin(): Promise<void> {
    const { needs = [] } = this.definition;
    if (needs.length === 0) return await this.opened?.started?.();
    this.stopWaiting = onceReachable(this.service.broker, needs, NEEDS_WITHIN_MS, () => {
      Promise.resolve(this.opened?.started?.()).catch((error: unknown) =>
        this.logger.error("It did not begin:", error),
      );
    });
  }

  private async follow(store: Store, logger: Logger): Promise<void> {
    const { name, runtime, definition, events, opened: { readModel, on } = {} } = this;
    const checkpoints = await store.collection<CheckpointDocument>("checkpoints");
    for (const source of definition.follows ?? []) {
      const handlers = on?.[source] as Handlers<EventSchemas> | undefined;
      if (!handlers) throw new Error(`${name} follows ${source}, and does nothing on its events.`);
      const subscription = { source, checkpoint: storedCheckpoint(checkpoints, source), on: handlers };
      this.followers.set(source, followerOf(runtime.bus, name, subscription, logger));
    }
    events?.onCommit(position => {
      readModel?.nudge();
      this.nudges.due(position);
    });
  }

  private async health(): Promise<object> {
    await this.store?.ping();
    const missing = [...this.followers]
      .filter(([, follower]) => follower.trouble !== undefined)
      .map(([source]) => `${source}.feed`);
    if (this.opened?.readModel?.trouble !== undefined) missing.push(`${this.name}.feed`);
    if (missing.length > 0) throw new Refusal("SERVICE_UNAVAILABLE", { missing });
    return {};
  }

  private feed(asked: { after: number; limit: number }) {
    const { events } = this;
    if (!events) throw new Error(`${this.name} has no log`);
    const { broker } = this.service;
    const room = { page: pageLimit(broker), message: messageLimit(broker) };
    return feedPage(events, asked, room);
  }
}
