// Reads a data file of the first release: a JSON document a line, behind a checksum of its text.
import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { StartupError } from "../../errors";

const NEWLINE = 0x0a;
/** Eight hexadecimal digits and a space. */
const CHECKSUM_LENGTH = 9;

export interface EarlierDocument {
  readonly _id: string | number;
  readonly [field: string]: unknown;
}

interface Line extends Partial<EarlierDocument> {
  readonly $$deleted?: boolean;
}

const lineIn = (text: string): Line | undefined => {
  const json = text.slice(CHECKSUM_LENGTH);
  if (text.slice(0, CHECKSUM_LENGTH) !== `${crc32(json).toString(16).padStart(8, "0")} `) return undefined;
  try {
    return JSON.parse(json) as Line;
  } catch {
    return undefined;
  }
};

/**
 * The documents of a file, each as its last line has it. An unfinished last line was never acknowledged: it is left
 * out, with a warning.
 * @throws StartupError when a line is damaged
 */
export const readEarlierFile = async (path: string): Promise<EarlierDocument[]> => {
  const bytes = await readFile(path);
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  if (end < bytes.length)
    process.emitWarning(
      `${path} ends in ${bytes.length - end} bytes of an unfinished write, which was never acknowledged. ` +
        "They are left out.",
      { code: "STORE_TORN_TAIL" },
    );
  const documents = new Map<string | number, EarlierDocument>();
  for (const [index, text] of bytes.toString("utf8", 0, end).split("\n").entries()) {
    if (text === "") continue;
    const line = lineIn(text);
    if (!line)
      throw new StartupError(
        `${path} is damaged at line ${index + 1}, and nothing was changed. Restore its whole folder from one backup.`,
      );
    const { _id: id } = line;
    // What has no id tells of an index.
    if (id === undefined) continue;
    if (line.$$deleted) documents.delete(id);
    else documents.set(id, { ...line, _id: id });
  }
  return [...documents.values()];
};
