// The connection to MongoDB: one client per server for a whole process, whose calls end in time whatever happens to the
// server.
import { MongoClient, MongoError, MongoServerError } from "mongodb";
import { hideCredentials } from "../../addresses";
import { messageOf, StartupError } from "../../errors";
import { raceTimer } from "../../race";
import { DuplicateKey, StoreUnavailable } from "../store";

const DUPLICATE_KEY = 11_000;
/** The longest wait for a server at the start, in milliseconds. */
const START_TIMEOUT = 10_000;
/** How often the driver looks after its servers, in milliseconds; it refuses less. */
const MIN_HEARTBEAT = 500;
const MAX_HEARTBEAT = 10_000;

const toStoreError = (error: unknown): unknown => {
  if (error instanceof MongoServerError && error.code === DUPLICATE_KEY)
    return new DuplicateKey(error.message, { cause: error });
  if (error instanceof MongoError) return new StoreUnavailable(error.message, { cause: error });
  return error;
};

/**
 * Makes one call to the database, with a limit on the wait.
 * @throws DuplicateKey, StoreUnavailable
 */
export type Call = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Ends the wait whatever the driver does: with a stopped server its own timeouts follow one another. The work itself
 * may still take effect.
 * @throws DuplicateKey, StoreUnavailable
 */
export const within = async <T>(milliseconds: number, work: Promise<T>): Promise<T> => {
  try {
    return await raceTimer(work, milliseconds, () => {
      throw new StoreUnavailable(`MongoDB did not answer within ${milliseconds} ms.`);
    });
  } catch (error) {
    throw toStoreError(error);
  }
};

const createClient = (url: string, timeout: number): MongoClient => {
  try {
    return new MongoClient(url, {
      serverSelectionTimeoutMS: Math.min(timeout, START_TIMEOUT),
      connectTimeoutMS: timeout,
      socketTimeoutMS: timeout,
      waitQueueTimeoutMS: timeout,
      heartbeatFrequencyMS: Math.min(Math.max(timeout, MIN_HEARTBEAT), MAX_HEARTBEAT),
      retryWrites: true,
      writeConcern: { w: "majority", journal: true },
      readConcern: { level: "majority" },
    });
  } catch (error) {
    throw new StartupError(`MONGO_URL cannot be used: ${hideCredentials(messageOf(error), url)}`);
  }
};

/** One client for all stores of a process that use the same server; closed with the last of them. */
export class SharedClient {
  private static readonly byUrl = new Map<string, SharedClient>();
  private users = 0;
  private connected: Promise<unknown> | undefined;

  private constructor(
    private readonly url: string,
    readonly client: MongoClient,
  ) {}

  /**
   * Connects, or joins the connection that the process has already; `timeout` in milliseconds.
   * @throws StartupError when the URL cannot be used or the server does not answer
   */
  static async acquire(url: string, timeout: number): Promise<SharedClient> {
    const shared = this.byUrl.get(url) ?? new SharedClient(url, createClient(url, timeout));
    this.byUrl.set(url, shared);
    shared.users += 1;
    try {
      await (shared.connected ??= within(START_TIMEOUT, shared.client.connect()));
      return shared;
    } catch (error) {
      await shared.release();
      const { hosts, srvHost } = shared.client.options;
      throw new StartupError(
        `MongoDB at ${srvHost ?? hosts.join(",")} does not answer: ${hideCredentials(messageOf(error), url)}`,
      );
    }
  }

  /** To be called once per `acquire`. */
  async release(): Promise<void> {
    this.users -= 1;
    if (this.users > 0) return;
    if (SharedClient.byUrl.get(this.url) === this) SharedClient.byUrl.delete(this.url);
    await this.client.close();
  }
}
