// Where the shop of a run keeps its data: which settings say so, and what of it can be struck.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startMongo, startMongoProcess } from "../../server-process";
import { ServerTarget, type Target } from "./target";

export const STORE_KINDS = ["sqlite", "mongo"] as const;
export type StoreKind = (typeof STORE_KINDS)[number];

export interface StoreServer {
  /** The settings with which a service finds it. */
  readonly env: Readonly<Record<string, string>>;
  /** The server, if it is ours to strike. */
  readonly target: Target | undefined;
  end(): Promise<void>;
}

const withPath = (url: string, path: string): string => {
  const address = new URL(url);
  address.pathname = `/${path}`;
  return address.href;
};

/** The MongoDB at MONGO_URL, in databases of their own that are dropped at the end. */
const openMongo = async (): Promise<StoreServer> => {
  const { url, stop } = await startMongo();
  return { env: { MONGO_URL: url }, target: undefined, end: stop };
};

/** SecantusDB, whose data are in the folder. */
const openSecantus = async (folder: string): Promise<StoreServer> => {
  const path = join(folder, "mongo");
  mkdirSync(path);
  const target = new ServerTarget("store", port =>
    startMongoProcess({ folder: path, ...(port === undefined ? {} : { port }) }),
  );
  await target.start();
  return { env: { MONGO_URL: withPath(target.url, "guarantees") }, target, end: () => target.end() };
};

const open: Readonly<Record<StoreKind, (folder: string) => Promise<StoreServer>>> = {
  // No server: each process has the file open.
  sqlite: () => Promise.resolve({ env: {}, target: undefined, end: () => Promise.resolve() }),
  mongo: folder => (process.env.MONGO_URL ? openMongo() : openSecantus(folder)),
};

/** @param folder of the run, in which it may keep what it needs */
export const openStoreServer = (kind: StoreKind, folder: string): Promise<StoreServer> => open[kind](folder);
