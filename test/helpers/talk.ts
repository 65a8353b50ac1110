// Bytes sent as they are, for requests that no client would make.
import { connect } from "node:net";

/** Sends bytes, in several pieces if given so, and reads all that comes back until the server closes. */
export const talk = (address: string, ...pieces: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address);
    let said = "";
    const socket = connect({ port: Number(port), host: hostname, noDelay: true });
    const write = (index: number): void => {
      const piece = pieces[index];
      if (piece !== undefined && socket.writable) socket.write(piece, "latin1", () => setTimeout(write, 20, index + 1));
    };
    socket.once("connect", () => write(0));
    socket.setEncoding("utf8").on("data", (text: string) => (said += text));
    socket.once("error", reject).once("close", () => resolve(said));
  });

export interface Said {
  status: number;
  headers: ReadonlyMap<string, string>;
  body: string;
}

/** The first answer of what was said. */
export const firstOf = (said: string): Said => {
  const [head = "", ...rest] = said.split("\r\n\r\n");
  const [line = "", ...fields] = head.split("\r\n");
  const headers = new Map(
    fields.map(field => [field.slice(0, field.indexOf(":")).toLowerCase(), field.slice(field.indexOf(":") + 1).trim()]),
  );
  return { status: Number(line.split(" ")[1]), headers, body: rest.join("\r\n\r\n") };
};
