// Access tokens that ended before their time: signed out, password changed, account disabled or its role changed.
import type { userEvents } from "../../contracts/users";
import type { Verified } from "../../lib/access";
import { dispatch } from "../../lib/feed";
import { Refusal } from "../../lib/refusal";

/** Milliseconds that an access token lives at most: after that it needs no revocation. */
export const TOKEN_LIFE = 900_000;

export class Revocations {
  /** Ended sessions, and users whose tokens of before a time ended. Values are milliseconds since the epoch; oldest first. */
  private readonly sessions = new Map<string, number>();
  private readonly users = new Map<string, number>();

  constructor(private readonly now: () => Date) {}

  /** What to do on the events of the users' feed. */
  readonly apply = dispatch<typeof userEvents>({
    SessionsEnded: ({ aggregateId, timestamp, data }) => (data.session === undefined ? this.end(this.users, aggregateId, timestamp) : this.end(this.sessions, data.session, timestamp)),
    PasswordChanged: ({ aggregateId, timestamp }) => this.end(this.users, aggregateId, timestamp),
    UserDisabled: ({ aggregateId, timestamp }) => this.end(this.users, aggregateId, timestamp),
    // The token names the old role.
    RoleChanged: ({ aggregateId, timestamp }) => this.end(this.users, aggregateId, timestamp),
  });

  /** @throws Refusal UNAUTHENTICATED when the token's session has ended, or all tokens of its time */
  check({ id, session, issuedAt }: Verified): void {
    const userEnded = this.users.get(id);
    if (this.sessions.has(session) || (userEnded !== undefined && Math.round(issuedAt * 1000) < userEnded)) throw new Refusal("UNAUTHENTICATED");
  }

  /** How many entries are held. */
  get size(): number {
    return this.sessions.size + this.users.size;
  }

  private end(ended: Map<string, number>, key: string, timestamp: string): void {
    const time = Date.parse(timestamp);
    ended.delete(key);
    ended.set(key, time);
    const expired = this.now().getTime() - TOKEN_LIFE;
    for (const map of [this.sessions, this.users]) {
      for (const [oldest, at] of map) {
        if (at >= expired) break;
        map.delete(oldest);
      }
    }
  }
}
