// Who is calling: verifies access tokens in this process, with the public keys and the endings of the service that
// signs them.
import { createHash } from "node:crypto";
import { decode, verify } from "jsonwebtoken";
import { callerIn, type Roles, type Verified } from "./claims";
import { type Access, type Actor, type FeedName, needsToken } from "../contract";
import { Endings, type ReadEndings } from "./endings";
import { messageOf } from "../errors";
import { Refusal } from "../refusal";
import { type KeySet, VerificationKeys } from "./verification-keys";

export const ISSUER = "jangteo";
export const AUDIENCE = "jangteo";
/** RFC 9068, section 2.1: access tokens say so in their header, so that no other token passes for one. */
export const TOKEN_TYPE = "at+jwt";
export const ALGORITHM = "ES256";

/** What a process asks of the service that signs the tokens. */
export interface Authority {
  keys(): Promise<KeySet>;
  endings: ReadEndings;
  /** The feed whose nudges say that there may be new endings. */
  feed: FeedName;
  roles: Roles;
  /** The caller's role by the log of now; null when his session is over. */
  standing(caller: Pick<Actor, "id" | "session" | "version">): Promise<Actor["role"] | null>;
}

type Warn = (...parts: unknown[]) => void;

const MAX_KNOWN_TOKENS = 20_000;
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

export class AccessTokens {
  private readonly known = new Map<string, Verified>();
  private readonly keys: VerificationKeys;
  private readonly endings: Endings;
  private warn: Warn | undefined;
  private followers = 0;

  constructor(
    private readonly authority: Authority,
    private readonly now: () => Date,
  ) {
    this.keys = new VerificationKeys(
      () => authority.keys(),
      () => this.known.clear(),
    );
    this.endings = new Endings(authority.endings, (error, failures) => {
      // Once or twice is a restart; from then on somebody should know.
      if (failures === 10) this.warn?.("It cannot be seen which tokens ended, trying again:", messageOf(error));
    });
  }

  /** Follows what ends tokens, until as many have called the function that it returns. */
  follow(warn: Warn): () => Promise<void> {
    this.warn ??= warn;
    this.followers += 1;
    void this.endings.look();
    return async () => {
      this.followers -= 1;
      if (this.followers === 0) await this.endings.stop();
    };
  }

  /** The feed whose nudges say that there may be new endings. */
  get feed(): FeedName {
    return this.authority.feed;
  }

  /** Looks now for what ended; resolves when it is known here. */
  look(): Promise<void> {
    return this.endings.look();
  }

  /**
   * The token's owner.
   * @throws Refusal UNAUTHENTICATED for every token that is not a valid, unexpired access token of ours, or has ended
   * @throws Refusal SERVICE_UNAVAILABLE while the keys or the endings cannot be known
   */
  async verify(token: string): Promise<Verified> {
    const digest = createHash("sha256").update(token).digest("base64");
    const caller = this.known.get(digest) ?? (await this.learn(token, digest));
    if (caller.expiresAt <= this.now().getTime() / 1000) {
      this.known.delete(digest);
      throw unauthenticated();
    }
    await this.endings.known();
    if (this.endings.includes(caller)) throw unauthenticated();
    return caller;
  }

  /**
   * The caller, if the action's access admits him by his token: for the gateway, behind which a service admits him in
   * earnest.
   * @throws Refusal as verify, or FORBIDDEN
   */
  async recognise(access: Access, token: string | undefined): Promise<Actor | undefined> {
    if (!needsToken(access)) return undefined;
    if (token === undefined) throw unauthenticated();
    const actor = await this.verify(token);
    if (access !== "user" && actor.role !== access) throw new Refusal("FORBIDDEN");
    return actor;
  }

  /**
   * The caller, if the action's access admits him. Whose role is to be confirmed has it only if the log says so now.
   * @throws Refusal as recognise; SERVICE_UNAVAILABLE also when a role cannot be confirmed
   */
  async admit(access: Access, token: string | undefined): Promise<Actor | undefined> {
    const actor = await this.recognise(access, token);
    if (actor === undefined || this.authority.roles[actor.role] !== "confirmed") return actor;
    const role = await this.authority.standing(actor).catch(() => {
      throw new Refusal("SERVICE_UNAVAILABLE");
    });
    if (role !== actor.role) throw unauthenticated();
    return actor;
  }

  private async learn(token: string, digest: string): Promise<Verified> {
    const header = headerOf(token);
    // Headers that change how a token is read (crit, b64, jwk, jku, x5u, …) are refused by name of what is allowed.
    if (
      !header ||
      !Object.keys(header).every(key => HEADER_KEYS.has(key)) ||
      header.alg !== ALGORITHM ||
      header.typ !== TOKEN_TYPE ||
      !header.kid
    )
      throw unauthenticated();
    const key = await this.keys.get(header.kid);
    if (!key) throw unauthenticated();
    const seconds = this.now().getTime() / 1000;
    let payload: unknown;
    try {
      payload = verify(token, key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        clockTimestamp: Math.floor(seconds),
      });
    } catch {
      throw unauthenticated();
    }
    const caller = callerIn(payload, seconds, this.authority.roles);
    if (!caller) throw unauthenticated();
    if (this.known.size >= MAX_KNOWN_TOKENS) this.known.delete(this.known.keys().next().value ?? "");
    this.known.set(digest, caller);
    return caller;
  }
}
