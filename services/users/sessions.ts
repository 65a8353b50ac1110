// Sessions: refresh tokens that are good for one use, and a family of them that ends as a whole.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Refusal } from "../../lib/refusal";
import type { Collection } from "../../lib/store";

export interface SessionDocument {
  /** Names the family of refresh tokens; the part of each token before the dot. */
  _id: string;
  userId: string;
  /** SHA-256 of the one secret that is good now. */
  current: string;
  /** RFC 3339, UTC. */
  expiresAt: string;
  ended: boolean;
}

/** Milliseconds that a session lives without being refreshed. */
const LIFE = 30 * 24 * 3600 * 1000;

export interface Session {
  id: string;
  userId: string;
  refreshToken: string;
}

const digest = (secret: string) => createHash("sha256").update(secret).digest("hex");
const same = (a: string, b: string) => timingSafeEqual(Buffer.from(a), Buffer.from(b));
const unauthenticated = () => new Refusal("UNAUTHENTICATED");

const split = (refreshToken: string) => {
  const [id = "", secret = ""] = refreshToken.split(".");
  return { id, hash: digest(secret) };
};

export class Sessions {
  constructor(
    private readonly sessions: Collection<SessionDocument>,
    private readonly now: () => Date,
  ) {}

  async open(id: string, userId: string): Promise<Session> {
    const secret = randomBytes(32).toString("base64url");
    await this.sessions.insert({ _id: id, userId, current: digest(secret), expiresAt: this.expiry(), ended: false });
    return { id, userId, refreshToken: `${id}.${secret}` };
  }

  /**
   * Exchanges a refresh token for the next one of its family.
   * @throws Refusal UNAUTHENTICATED for a token that is unknown, expired or used before; a used one ends its family (RFC 9700, section 4.14.2)
   */
  async refresh(refreshToken: string, onReuse: (session: { id: string; userId: string }) => Promise<void>): Promise<Session> {
    const { id, hash } = split(refreshToken);
    const secret = randomBytes(32).toString("base64url");
    const query = { _id: id, current: hash, ended: false, expiresAt: { $gt: this.now().toISOString() } };
    const renewed = await this.sessions.update(query, { $set: { current: digest(secret), expiresAt: this.expiry() } });
    if (renewed) return { id, userId: renewed.userId, refreshToken: `${id}.${secret}` };
    const session = await this.sessions.get(id);
    if (session && !session.ended && !same(session.current, hash)) await onReuse({ id, userId: session.userId });
    throw unauthenticated();
  }

  /** The session that a refresh token belongs to, good or used; undefined when it is not one of the user's. */
  async ofUser(refreshToken: string, userId: string): Promise<string | undefined> {
    const session = await this.sessions.get(split(refreshToken).id);
    return session?.userId === userId ? session._id : undefined;
  }

  async end(id: string): Promise<void> {
    await this.sessions.update({ _id: id }, { $set: { ended: true } });
  }

  async endAll(userId: string): Promise<void> {
    for (const { _id } of await this.sessions.find({ query: { userId, ended: false } })) await this.end(_id);
  }

  private expiry(): string {
    return new Date(this.now().getTime() + LIFE).toISOString();
  }
}
