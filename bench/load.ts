// A load generator light enough that the server under test stays the bottleneck: fixed request bytes, answers counted.
import { connect, type Socket } from "node:net";

export interface Load {
  host: string;
  port: number;
  /** With `######` in it, which is another number in each request, so that no answer can be kept for the next. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  connections: number;
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");

const requestBytes = ({ host, port, path, headers = {} }: Load) =>
  Buffer.from(
    [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}:${port}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      "",
      "",
    ].join("\r\n"),
  );

const NUMBER = "######";
const LEAST = 100_000;
const NUMBERS = 900_000;

/** The bytes of each request. */
const requestsOf = (load: Load): (() => Buffer) => {
  const fixed = requestBytes(load);
  const at = fixed.indexOf(NUMBER);
  if (at < 0) return () => fixed;
  let count = 0;
  return () => {
    const request = Buffer.from(fixed);
    request.write(String(LEAST + (count % NUMBERS)), at, "latin1");
    count += 1;
    return request;
  };
};

const lengthOf = (head: string) => Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);

/** Keeps one request under way on each connection; every answer must look like the first. */
export class Clients {
  answered = 0;
  private readonly sockets: Socket[] = [];
  private stopping = false;
  private failure: Error | undefined;

  private constructor(
    private readonly request: () => Buffer,
    private readonly status: string,
    private readonly bodyLength: number,
  ) {}

  /** @throws Error when the server does not answer with `status` */
  static async open(load: Load, status: number): Promise<Clients> {
    const request = requestsOf(load);
    const head = await firstHead(load, request());
    if (!head.startsWith(`HTTP/1.1 ${status} `))
      throw new Error(`${load.path} answered ${head.split("\r\n", 1)[0]}, not ${status}`);
    const clients = new Clients(request, `HTTP/1.1 ${status}`, status === 304 ? 0 : lengthOf(head));
    await Promise.all(Array.from({ length: load.connections }, () => clients.connect(load)));
    return clients;
  }

  /** Counts answers for a while: answers per second. */
  async measure(milliseconds: number): Promise<{ answers: number; seconds: number }> {
    const before = this.answered;
    const start = performance.now();
    await new Promise(resolve => setTimeout(resolve, milliseconds));
    if (this.failure) throw this.failure;
    return { answers: this.answered - before, seconds: (performance.now() - start) / 1000 };
  }

  close(): void {
    this.stopping = true;
    for (const socket of this.sockets) socket.destroy();
  }

  private connect({ host, port }: Load): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host, () => {
        socket.write(this.request());
        resolve();
      });
      this.sockets.push(socket);
      let pending: Buffer | undefined;
      socket.on("data", chunk => {
        pending = this.consume(pending ? Buffer.concat([pending, chunk]) : chunk, socket);
      });
      socket.on("error", error => {
        if (!this.stopping) this.failure = error;
        reject(error);
      });
      socket.on("close", () => {
        if (!this.stopping) this.failure ??= new Error("The server closed a connection");
      });
    });
  }

  /** Takes one whole answer off the front; what is left is the beginning of the next. */
  private consume(bytes: Buffer, socket: Socket): Buffer | undefined {
    const end = bytes.indexOf(END_OF_HEAD);
    if (end < 0) return bytes;
    const length = end + END_OF_HEAD.length + this.bodyLength;
    if (bytes.length < length) return bytes;
    if (bytes.toString("latin1", 0, this.status.length) !== this.status)
      this.failure = new Error(`An answer began with ${bytes.toString("latin1", 0, 20)}`);
    this.answered += 1;
    if (!this.stopping) socket.write(this.request());
    return bytes.length > length ? bytes.subarray(length) : undefined;
  }
}

const firstHead = ({ host, port }: Load, request: Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    let head = "";
    const socket = connect(port, host, () => socket.write(request));
    socket.on("error", reject).on("data", chunk => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      socket.destroy();
      resolve(head.slice(0, head.indexOf("\r\n\r\n")));
    });
  });
