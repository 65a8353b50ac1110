// A client of the public API that bears silence: what it is told, or that it was told nothing.
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { between, oneOf, type Random } from "../../helpers/random";
import type { Answer } from "../check/facts";

/** Longer than the shop lets anybody wait. */
const PATIENCE_MS = 6000;

/** The parts of an answer's body that a client looks at. */
export interface Body {
  readonly data?: unknown;
  readonly token?: string;
  readonly orderId?: string;
  readonly code?: string;
}

export interface Reply {
  readonly status: number | "unknown";
  readonly replayed: boolean;
  readonly text: string;
  readonly body: Body;
}

const NOTHING: Reply = { status: "unknown", replayed: false, text: "", body: {} };

const bodyOf = (text: string): Body => {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {};
  }
};

/** Whether the shop has said all that it will say: not while it is busy, away, or still at it. */
export const isFinal = ({ status }: Reply): boolean =>
  status !== "unknown" && status < 500 && status !== 202 && status !== 401;

/** An answer that shows an order, or refuses one. */
export const answerOf = ({ status, replayed, text, body }: Reply): Answer => {
  const { id, version } = (body.data ?? {}) as { id?: string; version?: number };
  const isShown = typeof status === "number" && status < 300;
  const orderId = isShown ? id : body.orderId;
  return {
    status,
    text,
    ...(replayed ? { replayed } : {}),
    ...(orderId === undefined ? {} : { orderId }),
    ...(isShown && version !== undefined ? { version } : {}),
  };
};

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** An account that nobody has. */
export const newAccount = (): Account => ({
  email: `${randomUUID()}@example.com`,
  password: "correct horse battery staple",
});

export class ShopClient {
  private token: string | undefined;

  constructor(
    private readonly gateways: readonly string[],
    private readonly random: Random,
    private account: Account,
  ) {}

  /** Asks one of the gateways, whichever. */
  async send(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Reply> {
    return this.sendTo(oneOf(this.random, this.gateways), method, path, body, headers);
  }

  async sendTo(
    gateway: string,
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    try {
      const response = await fetch(gateway + path, {
        method,
        headers: {
          ...(body ? { "Content-Type": "application/json" } : {}),
          ...(this.token === undefined ? {} : { Authorization: `Bearer ${this.token}` }),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await response.text();
      const replayed = response.headers.get("Idempotent-Replayed") === "true";
      return { status: response.status, replayed, text, body: bodyOf(text) };
    } catch {
      return NOTHING;
    }
  }

  /**
   * Asks again and again, through any gateway, until the shop has said all that it will say.
   * @param answers where each answer is written down
   * @param isOver when it need not be asked any more
   * @returns undefined when it was over before
   */
  async insist(answers: Answer[], ask: () => Promise<Reply>, isOver: () => boolean): Promise<Reply | undefined> {
    for (;;) {
      const reply = await ask();
      answers.push(answerOf(reply));
      if (isFinal(reply)) return reply;
      if (isOver()) return undefined;
      if (reply.status === 401) await this.signIn();
      await this.pause(50, 500);
    }
  }

  /** Opens a new account, and is signed in by that. Tries until it is done, or nobody needs it any more. */
  async register(isOver: () => boolean): Promise<void> {
    this.account = newAccount();
    const key = { "Idempotency-Key": this.account.email };
    const reply = await this.insist(
      [],
      () => this.send("POST", "/api/users/register", { ...this.account, name: "Kim" }, key),
      isOver,
    );
    this.token = reply?.body.token;
    // A repeat of an answered registration gets no token.
    while (this.token === undefined && !isOver()) await this.signIn();
  }

  /** Signs in, if that can be done now. */
  async signIn(): Promise<void> {
    const { body } = await this.send("POST", "/api/users/login", this.account);
    if (body.token === undefined) await this.pause(200, 800);
    else this.token = body.token;
  }

  pause(least: number, most: number): Promise<void> {
    return setTimeout(between(this.random, least, most));
  }
}
