// Who is calling: verifies access tokens locally, with the public keys of the service that signs them.
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { decode, verify } from "jsonwebtoken";
import type { Access, Actor } from "./contract";
import { Refusal } from "./refusal";

export const ISSUER = "jangteo";
export const AUDIENCE = "jangteo";
/** RFC 9068, section 2.1: access tokens say so in their header, so that no other token passes for one. */
export const TOKEN_TYPE = "at+jwt";
export const ALGORITHM = "ES256";

/** An RFC 7517 JWK set. */
export interface KeySet {
  keys: readonly Readonly<Record<string, string>>[];
}

const MAX_KNOWN_TOKENS = 20_000;
/** Milliseconds between two looks for new keys, so that forged key ids cause no flood of calls. */
const KEY_REFRESH = 1000;
const HEADER_KEYS = new Set(["alg", "typ", "kid"]);

const unauthenticated = () => new Refusal("UNAUTHENTICATED");

/** jsonwebtoken throws a SyntaxError on a payload that is no JSON when the header says `typ: JWT`. */
const headerOf = (token: string) => {
  try {
    return decode(token, { complete: true })?.header;
  } catch {
    throw unauthenticated();
  }
};

interface Claims {
  sub: string;
  role: Actor["role"];
  sid: string;
  exp: number;
  iat: number;
}

const isClaims = (value: unknown): value is Claims => {
  if (typeof value !== "object" || value === null) return false;
  const claims = value as Partial<Record<keyof Claims, unknown>>;
  return typeof claims.sub === "string" && (claims.role === "customer" || claims.role === "admin") && typeof claims.sid === "string" && typeof claims.exp === "number" && typeof claims.iat === "number";
};

export interface Verified extends Actor {
  /** Seconds since the epoch, with milliseconds. */
  readonly issuedAt: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

export class AccessTokens {
  private keys = new Map<string, KeyObject>();
  private refreshedAt = 0;
  private refreshing: Promise<void> | undefined;
  private readonly known = new Map<string, Verified>();

  /** @param fetchKeys asks the service that signs the tokens for its public keys */
  constructor(
    private readonly fetchKeys: () => Promise<KeySet>,
    private readonly now: () => Date,
  ) {}

  /**
   * The token's owner.
   * @throws Refusal UNAUTHENTICATED for every token that is not a valid, unexpired access token of ours
   */
  async verify(token: string): Promise<Verified> {
    const digest = createHash("sha256").update(token).digest("base64");
    const seconds = this.now().getTime() / 1000;
    const cached = this.known.get(digest);
    if (cached) {
      if (cached.expiresAt > seconds) return cached;
      this.known.delete(digest);
      throw unauthenticated();
    }
    const actor = await this.check(token);
    if (this.known.size >= MAX_KNOWN_TOKENS) this.known.delete(this.known.keys().next().value ?? "");
    this.known.set(digest, actor);
    return actor;
  }

  /**
   * The caller, if the action's access admits him.
   * @throws Refusal UNAUTHENTICATED or FORBIDDEN
   */
  async admit(access: Access, token: string | undefined): Promise<Actor | undefined> {
    if (access === "anyone" || access === "internal") return undefined;
    if (token === undefined) throw unauthenticated();
    const actor = await this.verify(token);
    if (access === "admin" && actor.role !== "admin") throw new Refusal("FORBIDDEN");
    return actor;
  }

  private async check(token: string): Promise<Verified> {
    const header = headerOf(token);
    // Headers that change how a token is read (crit, b64, jwk, jku, x5u, …) are refused by name of what is allowed.
    if (!header || !Object.keys(header).every(key => HEADER_KEYS.has(key)) || header.alg !== ALGORITHM || header.typ !== TOKEN_TYPE || !header.kid) throw unauthenticated();
    const key = await this.keyFor(header.kid);
    let claims: unknown;
    try {
      claims = verify(token, key, { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE, clockTimestamp: Math.floor(this.now().getTime() / 1000) });
    } catch {
      throw unauthenticated();
    }
    if (!isClaims(claims)) throw unauthenticated();
    return { id: claims.sub, role: claims.role, session: claims.sid, issuedAt: claims.iat, expiresAt: claims.exp };
  }

  private async keyFor(kid: string): Promise<KeyObject> {
    if (!this.keys.has(kid) && this.now().getTime() - this.refreshedAt > KEY_REFRESH) await this.refresh();
    const key = this.keys.get(kid);
    if (!key) throw unauthenticated();
    return key;
  }

  private refresh(): Promise<void> {
    this.refreshing ??= this.fetchKeys()
      .then(({ keys }) => {
        this.keys = new Map(keys.map(jwk => [jwk.kid ?? "", createPublicKey({ key: jwk as JsonWebKey, format: "jwk" })]));
        this.refreshedAt = this.now().getTime();
      })
      .finally(() => {
        this.refreshing = undefined;
      });
    return this.refreshing;
  }
}
