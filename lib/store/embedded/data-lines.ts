// The lines of a data file, each with its checksum: damage is refused, an unfinished last one is cut off.
import { open, readFile, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { StartupError } from "../../errors";

const NEWLINE = 0x0a;

const checksum = (text: string) => `${crc32(text).toString(16).padStart(8, "0")} `;
const CHECKSUM_LENGTH = checksum("").length;

/**
 * NeDB ends a line at these three as well, and JSON leaves them as they are: unescaped, one of them in a name damages
 * the file.
 */
const LINE_BREAKS = /[\u0085\u2028\u2029]/g;
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

export const seal = (json: string): string => {
  const line = json.replace(LINE_BREAKS, escaped);
  return checksum(line) + line;
};

export const unseal = (line: string): string => {
  const json = line.slice(CHECKSUM_LENGTH);
  if (!line.startsWith(checksum(json))) throw new Error("The checksum does not fit the line.");
  return json;
};

const intact = (line: string): boolean => {
  try {
    return line === "" || JSON.parse(unseal(line)) !== null;
  } catch {
    return false;
  }
};

/** @throws StartupError when one of its lines is damaged */
export const refuseDamage = (path: string, content: string): void => {
  const line = content.split("\n").findIndex(text => !intact(text)) + 1;
  const folder = `the whole folder ${dirname(path)} from one backup`;
  const advice = `Restore ${folder}, not this file alone: a log and its checkpoints belong together`;
  if (line > 0)
    throw new StartupError(
      `${path} is damaged at line ${line}, and nothing was changed. ${advice} (npm run feeds shows who followed it).`,
    );
};

const endsInNewline = async (path: string): Promise<boolean> => {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size === 0) return true;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] === NEWLINE;
  } finally {
    await file.close();
  }
};

/** Cuts off bytes after the last newline: a write that a kill interrupted, and that nobody was told of. */
export const cutTornTail = async (path: string): Promise<void> => {
  if (await endsInNewline(path)) return;
  const content = await readFile(path);
  const end = content.lastIndexOf(NEWLINE) + 1;
  refuseDamage(path, content.toString("utf8", 0, end));
  await truncate(path, end);
  process.emitWarning(
    `${path} ended in ${content.length - end} bytes of an unfinished write, which was never acknowledged. ` +
      "They are cut off.",
    { code: "STORE_TORN_TAIL" },
  );
};
