// Buyers over HTTP, light enough that the shop under test stays the bottleneck: one order under way on each connection.
import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";

const END_OF_HEAD = "\r\n\r\n";

/** What a run of buyers has seen. */
export interface Bought {
  orders: number;
  seconds: number;
  /** Milliseconds from each request to its answer. */
  latencies: number[];
}

/** One buyer with an account of his own. */
export class Buyer {
  private received = "";
  private arrived: ((error?: Error) => void) | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly head: string,
  ) {
    socket.setEncoding("latin1").setNoDelay(true);
    socket.on("data", (text: string) => {
      this.received += text;
      if (this.isWhole()) this.arrived?.();
    });
    socket.on("close", () => this.arrived?.(new Error("The shop closed a connection")));
    socket.on("error", () => undefined);
  }

  static open(port: number, token: string): Promise<Buyer> {
    const head = [
      "POST /api/orders HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${token}`,
      "Content-Type: application/json",
      "",
    ].join("\r\n");
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => resolve(new Buyer(socket, head))).once("error", reject);
    });
  }

  /** @throws Error when the order is not confirmed in the answer */
  async buy(order: string): Promise<void> {
    this.received = "";
    const answered = new Promise<void>((resolve, reject) => {
      this.arrived = error => (error ? reject(error) : resolve());
    });
    const length = Buffer.byteLength(order);
    this.socket.write(
      `${this.head}Idempotency-Key: ${randomUUID()}\r\nContent-Length: ${length}${END_OF_HEAD}${order}`,
    );
    await answered;
    if (!this.received.startsWith("HTTP/1.1 201 ") || !this.received.includes('"status":"confirmed"'))
      throw new Error(`An order was answered: ${this.received.slice(0, 2000)}`);
  }

  close(): void {
    this.socket.destroy();
  }

  private isWhole(): boolean {
    const end = this.received.indexOf(END_OF_HEAD);
    if (end < 0) return false;
    const length = Number(/^content-length: *(\d+)/im.exec(this.received.slice(0, end))?.[1] ?? 0);
    return this.received.length >= end + END_OF_HEAD.length + length;
  }
}

/** All buy one order after the other, for so many milliseconds. */
export const buyFor = async (
  buyers: readonly Buyer[],
  nextOrder: () => string,
  milliseconds: number,
): Promise<Bought> => {
  const began = performance.now();
  const latencies: number[] = [];
  const each = buyers.map(async buyer => {
    for (let asked = began; asked < began + milliseconds;) {
      await buyer.buy(nextOrder());
      const answered = performance.now();
      latencies.push(answered - asked);
      asked = answered;
    }
  });
  await Promise.all(each);
  return { orders: latencies.length, seconds: (performance.now() - began) / 1000, latencies };
};
