// Somebody who uses a running shop through HTTP, each request and its answer on the screen.
import { inspect } from "node:util";

/** The shop did something else than the demo promises. */
export class Unexpected extends Error {}

interface Answer {
  status: number;
  body: unknown;
}

export const colour = (code: number, text: string) => (process.stdout.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text);
const show = (value: unknown) =>
  inspect(value, { depth: 6, breakLength: 110, colors: process.stdout.isTTY }).replaceAll("\n", "\n    ");

/** Somebody who uses the shop while somebody else looks on. */
export class Visitor {
  private step = 0;
  token: string | undefined;

  constructor(private readonly address: string) {}

  /** One request. `wanted` are the statuses that the step may have; `part` picks what is worth showing. */
  async does<T>(
    what: string,
    method: string,
    path: string,
    wanted: number | readonly number[],
    part: (body: never) => T,
    body?: unknown,
    key?: string,
  ): Promise<T> {
    const headers = {
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
      ...(key ? { "Idempotency-Key": key } : {}),
    };
    const answer = await this.request(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const status = colour(answer.status < 400 ? 32 : 33, String(answer.status));
    console.log(`${colour(1, `${(this.step += 1)}. ${what}`)}\n  ${colour(36, `${method} ${path}`)} → ${status}`);
    if (![wanted].flat().includes(answer.status))
      throw new Unexpected(`Expected ${[wanted].flat().join(" or ")}, got ${answer.status}: ${show(answer.body)}`);
    const shown = part(answer.body as never);
    console.log(`    ${show(shown)}\n`);
    return shown;
  }

  private async request(path: string, init: RequestInit): Promise<Answer> {
    let response: Response;
    try {
      response = await fetch(this.address + path, init);
    } catch {
      throw new Unexpected(
        `No shop answers at ${this.address}: start one with npm start and run npm run demo again, ` +
          "or name its address: npm run demo -- <address>.",
      );
    }
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  }
}
