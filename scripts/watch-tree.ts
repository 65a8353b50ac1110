// Tells which files of a tree have changed, with one watcher a folder: it also sees files saved by renaming.
import { type FSWatcher, lstatSync, readdirSync, watch } from "node:fs";
import { join, sep } from "node:path";

/** Undefined for what is gone, or went between the look at its folder and the look at it. */
const orGone = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
};

/**
 * Reports each file below `names` (files or folders in `base`) that comes, changes or goes. On Linux, `fs.watch` of
 * Node 20 with `recursive` watches each file's inode, and is blind to the one that an editor renames into its place;
 * so is a watcher of a single file. A folder's own watcher knows its files by name.
 */
export const watchTree = (base: string, names: readonly string[], onFile: (path: string) => void): (() => void) => {
  const watchers = new Map<string, FSWatcher>();
  let isReady = false;

  const leave = (path: string) => {
    for (const [folder, watcher] of watchers) {
      if (folder !== path && !folder.startsWith(path + sep)) continue;
      watcher.close();
      watchers.delete(folder);
    }
  };

  const enter = (folder: string, isMeant: (name: string) => boolean) => {
    const watcher = watch(folder, (event, name) => {
      if (name !== null && isMeant(name)) look(join(folder, name), event);
    });
    // On Windows, a watched folder that is removed is an error.
    watcher.on("error", () => leave(folder));
    watchers.set(folder, watcher);
  };

  const look = (path: string, event: string) => {
    const isFolder = orGone(() => lstatSync(path))?.isDirectory() ?? false;
    // Its own watcher tells what changes in it. But "rename" may mean another folder of the same name.
    if (isFolder && event === "change" && watchers.has(path)) return;
    leave(path);
    if (!isFolder) return void (isReady && onFile(path));
    // Watched before it is read, so that nothing comes in between unseen.
    orGone(() => enter(path, () => true));
    for (const name of orGone(() => readdirSync(path)) ?? []) look(join(path, name), "rename");
  };

  enter(base, name => names.includes(name));
  for (const name of names) look(join(base, name), "rename");
  isReady = true;
  return () => {
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
  };
};
