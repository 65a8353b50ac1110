// What one connection may hold: one request at work at a time, and no answer that its client never takes.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface ConnectionLimits {
  /** Requests that may wait on a connection for the answer before theirs; the one that is one too many ends it. */
  waiting?: number;
  /** Milliseconds between two looks at what clients have taken. */
  lookEveryMs?: number;
  /** Looks in a row at which a client has taken nothing of what waits for it: then it never will. */
  looks?: number;
}

/** A client that goes on regardless, to so many times its share, is cut off without another word. */
const INSOLENT_FACTOR = 16;

/**
 * Begins a pipelined request only when the answers before it are on their way (RFC 9112, section 9.3.2, lets a server
 * choose). What a connection holds is then one answer, however many requests it sends without reading.
 */
export const oneAtATime = (
  listener: RequestListener,
  { waiting: most = 256 }: ConnectionLimits = {},
): RequestListener => {
  const counts = new WeakMap<Socket, number>();

  const begin = (req: IncomingMessage, res: ServerResponse): void => {
    const { socket } = req;
    counts.set(socket, (counts.get(socket) ?? 1) - 1);
    if (!socket.destroyed) listener(req, res);
  };

  return (req, res) => {
    // Node gives an answer its socket when the one before is done.
    if (res.socket !== null) return listener(req, res);
    const { socket } = req;
    const count = (counts.get(socket) ?? 0) + 1;
    if (count > most * INSOLENT_FACTOR) return void socket.destroy();
    counts.set(socket, count);
    // Its answer is then the last: the client sends again what got none.
    if (count > most) res.shouldKeepAlive = false;
    res.once("socket", () => process.nextTick(begin, req, res));
  };
};

/** What libuv knows of a socket: it alone counts the bytes of a write that is under way. */
interface Handle {
  bytesWritten: number;
  writeQueueSize: number;
}
const isHandle = (value: unknown): value is Handle =>
  typeof value === "object" && value !== null && "writeQueueSize" in value && "bytesWritten" in value;

interface Look {
  taken: number;
  times: number;
}

/**
 * Cuts off clients that take nothing of what waits for them. A slow one that takes a little each time is served to the
 * end.
 */
export const cutOffStalled = (server: Server, { lookEveryMs = 5000, looks = 6 }: ConnectionLimits = {}): void => {
  const sockets = new Set<Socket>();
  const seen = new WeakMap<Socket, Look>();

  const look = (socket: Socket): void => {
    const handle: unknown = Reflect.get(socket, "_handle");
    if (!isHandle(handle) || handle.writeQueueSize === 0) return void seen.delete(socket);
    const taken = handle.bytesWritten - handle.writeQueueSize;
    const before = seen.get(socket);
    const times = before?.taken === taken ? before.times + 1 : 0;
    seen.set(socket, { taken, times });
    // Looks are counted and not seconds: a pause of this very process is no fault of the client.
    if (times >= looks) socket.destroy();
  };

  server.on("connection", socket => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  let timer: NodeJS.Timeout | undefined;
  server.on("listening", () => {
    timer = setInterval(() => sockets.forEach(look), lookEveryMs).unref();
  });
  server.on("close", () => clearInterval(timer));
};
