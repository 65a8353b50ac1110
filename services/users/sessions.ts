// Sessions: refresh tokens that are good for one use, and a family of them that ends as a whole.
import { createHash, randomBytes } from "node:crypto";
import { Refusal } from "../../lib/refusal";
import type { Collection, Store } from "../../lib/store/store";

interface SessionDocument {
  /** Names the family; the part of each of its tokens before the dot. */
  _id: string;
  userId: string;
  /** Where the account stood when the session was opened. */
  accountVersion: number;
  /** SHA-256 of what all tokens of the family share: only who had one of them knows it. */
  family: string;
  /** SHA-256 of the one secret that is good now. */
  current: string;
  /** RFC 3339, UTC. */
  expiresAt: string;
}

/** How long a session lives without being refreshed. */
const SESSION_LIFE_MS = 30 * 24 * 3600 * 1000;
/** Expired sessions that are cleared away when a new one is opened. */
const CLEARED_AT_ONCE = 10;
/** Characters of base64url. */
const FAMILY_LENGTH = 22;

export interface Session {
  id: string;
  userId: string;
  accountVersion: number;
  refreshToken: string;
}

const digest = (secret: string) => createHash("sha256").update(secret).digest("hex");
const familyOf = (secret: string) => secret.slice(0, FAMILY_LENGTH);
const nextSecret = (family: string) => family + randomBytes(32).toString("base64url");

const split = (refreshToken: string) => {
  const dot = refreshToken.indexOf(".");
  return { id: refreshToken.slice(0, Math.max(dot, 0)), secret: refreshToken.slice(dot + 1) };
};

export class Sessions {
  private constructor(
    private readonly sessions: Collection<SessionDocument>,
    private readonly now: () => Date,
  ) {}

  static async open(store: Store, now: () => Date): Promise<Sessions> {
    return new Sessions(
      await store.collection<SessionDocument>("sessions", { indexes: [{ fields: ["expiresAt"] }] }),
      now,
    );
  }

  /** @param accountVersion where the account stood before its credentials were checked */
  async begin(id: string, userId: string, accountVersion: number): Promise<Session> {
    const secret = nextSecret(randomBytes(16).toString("base64url"));
    await this.sessions.insert({
      _id: id,
      userId,
      accountVersion,
      family: digest(familyOf(secret)),
      current: digest(secret),
      expiresAt: this.expiry(),
    });
    await this.clear();
    return { id, userId, accountVersion, refreshToken: `${id}.${secret}` };
  }

  /**
   * Exchanges a refresh token for the next one of its family.
   * @param onReuse called for a token that was used before: its family has to end (RFC 9700, section 4.14.2)
   * @throws Refusal INVALID_REFRESH_TOKEN for a token that is unknown, expired, ended or used before
   */
  async refresh(refreshToken: string, onReuse: (session: string, userId: string) => Promise<void>): Promise<Session> {
    const { id, secret } = split(refreshToken);
    const next = nextSecret(familyOf(secret));
    const query = { _id: id, current: digest(secret), expiresAt: { $gt: this.now().toISOString() } };
    const renewed = await this.sessions.update(query, { $set: { current: digest(next), expiresAt: this.expiry() } });
    if (renewed)
      return { id, userId: renewed.userId, accountVersion: renewed.accountVersion, refreshToken: `${id}.${next}` };
    const session = await this.familyOf(refreshToken);
    if (session) await onReuse(session._id, session.userId);
    throw new Refusal("INVALID_REFRESH_TOKEN");
  }

  /** The session that a refresh token belongs to, good or used; undefined when it is not one of the user's. */
  async ofUser(refreshToken: string, userId: string): Promise<string | undefined> {
    const session = await this.familyOf(refreshToken);
    return session?.userId === userId ? session._id : undefined;
  }

  async has(id: string): Promise<boolean> {
    return (await this.sessions.get(id)) !== null;
  }

  /** Whether the session is there and is this user's. */
  async isOf(id: string, userId: string): Promise<boolean> {
    return (await this.sessions.get(id))?.userId === userId;
  }

  async end(id: string): Promise<void> {
    await this.sessions.remove(id);
  }

  /** Whoever knows only the name of a session can do nothing to it. */
  private async familyOf(refreshToken: string): Promise<SessionDocument | null> {
    const { id, secret } = split(refreshToken);
    return this.sessions.findOne({ _id: id, family: digest(familyOf(secret)) });
  }

  private async clear(): Promise<void> {
    const expired = await this.sessions.find({
      query: { expiresAt: { $lte: this.now().toISOString() } },
      limit: CLEARED_AT_ONCE,
    });
    if (expired.length > 0) await this.sessions.removeAll(expired.map(({ _id }) => _id));
  }

  private expiry(): string {
    return new Date(this.now().getTime() + SESSION_LIFE_MS).toISOString();
  }
}
