// The public keys that verify access tokens: asked for when a token names one that is not known, but never in a flood.
import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Refusal } from "../refusal";

/** An RFC 7517 JWK set. */
export interface KeySet {
  keys: readonly Readonly<Record<string, string>>[];
}

/** Made-up key ids cost one look in this many milliseconds, and so many looks before the first wait. */
const LOOK_EVERY_MS = 1000;
const LOOKS_AT_ONCE = 3;
/** Tokens that may wait for a look to be allowed: more are a flood, and must not hold what others need. */
const MAX_WAITING = 32;
/** After so many milliseconds the set is read again, so that keys which are gone are forgotten. */
const MAX_AGE_MS = 300_000;

export class VerificationKeys {
  private keys = new Map<string, KeyObject>();
  private lookedAt = Number.NEGATIVE_INFINITY;
  /** When the next look is due if looks were spread evenly. */
  private dueAt = 0;
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private waiting = 0;

  /**
   * @param fetch asks the service that signs the tokens
   * @param changed called when keys came or went
   */
  constructor(
    private readonly fetch: () => Promise<KeySet>,
    private readonly changed: () => void,
  ) {}

  /**
   * The key of this id; undefined when there is none. A key that was published before the call is found.
   * @throws Refusal SERVICE_UNAVAILABLE when the keys cannot be asked for now
   */
  async get(kid: string): Promise<KeyObject | undefined> {
    const key = this.keys.get(kid);
    if (key) {
      if (performance.now() - this.lookedAt > MAX_AGE_MS) void this.look().catch(() => undefined);
      return key;
    }
    try {
      await this.running;
      // The look that was under way may have begun before the key was published: only a later one can say no.
      if (!this.keys.has(kid)) await this.look();
    } catch {
      throw new Refusal("SERVICE_UNAVAILABLE");
    }
    return this.keys.get(kid);
  }

  /** A look that begins from now on; all who come before it begins share it. */
  private async look(): Promise<void> {
    if (!this.isAllowedNow() && this.waiting >= MAX_WAITING) throw new Refusal("SERVICE_UNAVAILABLE");
    this.waiting += 1;
    this.next ??= this.lookWhenAllowed();
    await this.next.finally(() => {
      this.waiting -= 1;
    });
  }

  private async lookWhenAllowed(): Promise<void> {
    await this.running?.catch(() => undefined);
    if (!this.isAllowedNow()) await setTimeout(this.dueAt - (LOOKS_AT_ONCE - 1) * LOOK_EVERY_MS - performance.now());
    this.dueAt = Math.max(this.dueAt, performance.now()) + LOOK_EVERY_MS;
    this.next = undefined;
    this.running = this.read().finally(() => {
      this.running = undefined;
    });
    await this.running;
  }

  private isAllowedNow(): boolean {
    return this.dueAt - (LOOKS_AT_ONCE - 1) * LOOK_EVERY_MS <= performance.now();
  }

  private async read(): Promise<void> {
    const { keys } = await this.fetch();
    const before = [...this.keys.keys()].sort().join();
    this.keys = new Map(keys.map(jwk => [jwk.kid ?? "", createPublicKey({ key: jwk as JsonWebKey, format: "jwk" })]));
    this.lookedAt = performance.now();
    if ([...this.keys.keys()].sort().join() !== before) this.changed();
  }
}
