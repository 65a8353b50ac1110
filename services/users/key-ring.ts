// The keys whose tokens may still live: every instance publishes its own before it signs with it, and answers for all
// of them.
import { ACCESS_TOKEN_LIFE_S, CLOCK_SKEW_S } from "../../lib/access/claims";
import type { Actor } from "../../lib/contract";
import { type Collection, DuplicateKey, type Store } from "../../lib/store/store";
import type { SigningKey } from "./signing-key";
import { issueAccessToken } from "./tokens";

interface KeyDocument {
  /** The key's id. */
  _id: string;
  jwk: Record<string, string>;
  /** Milliseconds since the epoch, by the clock of whoever signs with it: from then on no token of this key lives. */
  until: number;
}

/** Two clocks stand between who signs and who asks. */
const TOKEN_LIFE_MS = (ACCESS_TOKEN_LIFE_S + 2 * CLOCK_SKEW_S) * 1000;
/** So much longer than needed a key is published at a time: so rarely does signing write. */
const RESERVE_MS = 300_000;

export class KeyRing {
  private publishedUntil = 0;
  private publishing: Promise<void> | undefined;

  private constructor(
    private readonly documents: Collection<KeyDocument>,
    private readonly key: SigningKey,
    private readonly now: () => Date,
  ) {}

  /** Resolves when the key is published: whoever is asked for keys from then on knows it. */
  static async open(store: Store, key: SigningKey, now: () => Date): Promise<KeyRing> {
    const ring = new KeyRing(
      await store.collection<KeyDocument>("keys", { indexes: [{ fields: ["until"] }] }),
      key,
      now,
    );
    await ring.publish();
    return ring;
  }

  /** A signed access token, of a key that stays published for as long as the token lives. */
  async issue(caller: Actor): Promise<string> {
    const at = this.now();
    if (at.getTime() + TOKEN_LIFE_MS > this.publishedUntil) {
      this.publishing ??= this.publish().finally(() => {
        this.publishing = undefined;
      });
      await this.publishing;
    }
    return issueAccessToken(this.key, caller, at);
  }

  /** The public keys of all instances, of now and of as long ago as a token lives: an RFC 7517 JWK set. */
  async published(): Promise<{ keys: Record<string, string>[] }> {
    const living = await this.documents.find({ query: { until: { $gte: this.now().getTime() } } });
    const others = living.filter(({ _id }) => _id !== this.key.kid).sort((a, b) => (a._id < b._id ? -1 : 1));
    return { keys: [this.key.jwk, ...others.map(({ jwk }) => jwk)] };
  }

  private async publish(): Promise<void> {
    const { kid: _id, jwk } = this.key;
    const until = this.now().getTime() + TOKEN_LIFE_MS + RESERVE_MS;
    try {
      await this.documents.insert({ _id, jwk, until });
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error;
      // Never back: another instance may have signed with it by a clock that is ahead.
      await this.documents.update({ _id, until: { $lt: until } }, { $set: { until } });
    }
    for (const gone of await this.documents.find({ query: { until: { $lt: this.now().getTime() - TOKEN_LIFE_MS } } }))
      await this.documents.remove(gone._id);
    this.publishedUntil = until;
  }
}
