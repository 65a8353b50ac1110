// Notices a SQLite file that is shorter than it says: SQLite itself would read zeros where the rest of a page was.
import { open, stat } from "node:fs/promises";

/** The database file's header, as SQLite's file format defines it, section 1.3. */
const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";
const PAGE_SIZE_AT = 16;
const PAGES_AT = 28;

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

/**
 * Whether bytes are missing at the end of a file. While a write-ahead log waits to be taken over nobody can tell, and
 * SQLite mends what is missing out of it.
 */
export const isCutOff = async (path: string): Promise<boolean> => {
  const size = await sizeOf(path);
  if (size === 0 || (await sizeOf(`${path}-wal`)) > 0) return false;
  const file = await open(path, "r");
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    if (!buffer.toString("latin1", 0, bytesRead).startsWith(MAGIC)) return false;
    if (bytesRead < HEADER_BYTES) return true;
    const pageSize = buffer.readUInt16BE(PAGE_SIZE_AT);
    // Two bytes are too few for the largest size, which is written as 1.
    return size < buffer.readUInt32BE(PAGES_AT) * (pageSize === 1 ? 65_536 : pageSize);
  } finally {
    await file.close();
  }
};
