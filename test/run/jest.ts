// Runs Jest, and hears it say that a test has left something open: a process, a timer, a connection.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/**
 * What Jest says when it could not end, or was spoken to after the end, because of what a test left behind. Not that it
 * ended a worker by force: it gives one half a second, which a busy machine may need, and passes the remark on in its
 * output.
 */
const COMPLAINTS = new RegExp(
  [
    "Jest did not exit \\w+ seconds? after",
    "You are trying to .* after the Jest environment has been torn down",
    "Cannot log after tests are done",
  ].join("|"),
);

/** Milliseconds for a Jest that says that it cannot end. */
const PATIENCE = 10_000;

/** The complaint in what Jest wrote; undefined when it ended cleanly. */
export const complaintIn = (output: string): string | undefined => COMPLAINTS.exec(output)?.[0];

/** Resolves when Jest has ended, with its complaint about what was left open. What it says is passed on. */
export const runJest = async (args: readonly string[]): Promise<string | undefined> => {
  const command = [join("node_modules", "jest", "bin", "jest.js"), ...args];
  const child = spawn(process.execPath, command, { stdio: ["ignore", "ignore", "pipe"] });
  let recent = "";
  let complaint: string | undefined;
  let impatience: NodeJS.Timeout | undefined;
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    process.stderr.write(text);
    recent = (recent + text).slice(-10_000);
    complaint ??= complaintIn(recent);
    if (complaint?.startsWith("Jest did not exit")) impatience ??= setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  });
  await once(child, "close");
  clearTimeout(impatience);
  return complaint;
};
