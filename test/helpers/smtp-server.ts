// A tiny SMTP server (RFC 5321) that keeps what it is sent, and misbehaves on demand.
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface SmtpServer {
  url: string;
  /** The messages taken, as sent: headers, an empty line, the body. */
  messages: string[];
  /** Connections so far. */
  connections: number;
  /** While true, every connection is dropped. */
  isDown: boolean;
  /** The reply to a message; undefined ends the connection. */
  takes(message: string): string | undefined;
  /** The reply to a command other than 250, e.g. to refuse a recipient. */
  replies: Map<string, string>;
  close(): Promise<void>;
}

const servers = new Set<SmtpServer>();

afterAll(async () => {
  for (const server of servers) await server.close();
});

const converse = (socket: Socket, server: SmtpServer): void => {
  let unread = "";
  let isData = false;
  const reply = (line: string) => socket.write(`${line}\r\n`);
  const take = (end: string): string | undefined => {
    const at = unread.indexOf(end);
    if (at < 0) return undefined;
    const taken = unread.slice(0, at);
    unread = unread.slice(at + end.length);
    return taken;
  };
  reply("220 test");
  socket.on("data", chunk => {
    unread += chunk.toString();
    for (;;) {
      const input = take(isData ? "\r\n.\r\n" : "\r\n");
      if (input === undefined) return;
      if (isData) {
        isData = false;
        const verdict = server.takes(input);
        if (verdict === undefined) return void socket.destroy();
        if (verdict.startsWith("2")) server.messages.push(input);
        reply(verdict);
        continue;
      }
      const special = [...server.replies].find(([command]) =>
        input.toUpperCase().startsWith(command.toUpperCase()),
      )?.[1];
      isData = input === "DATA" && special === undefined;
      reply(special ?? (isData ? "354 go on" : input === "QUIT" ? "221 bye" : "250 ok"));
    }
  });
};

/** Listens on a free port until the end of the test file. */
export const startSmtpServer = async (): Promise<SmtpServer> => {
  const sockets = new Set<Socket>();
  const listener = createServer(socket => {
    server.connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    if (server.isDown) socket.destroy();
    else converse(socket, server);
  });
  await new Promise<void>(resolve => listener.listen(0, "127.0.0.1", resolve));
  const server: SmtpServer = {
    url: `smtp://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    messages: [],
    connections: 0,
    isDown: false,
    replies: new Map(),
    takes: () => "250 taken",
    async close() {
      servers.delete(server);
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => listener.close(resolve));
    },
  };
  servers.add(server);
  return server;
};
