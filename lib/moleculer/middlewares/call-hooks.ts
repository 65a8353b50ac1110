// What Moleculer's middlewares see of a call and its packets: more than its types tell.
import type { Context } from "moleculer";
import type { Caller } from "./calls-under-way";
import type { Stamp } from "./deadline";

export interface Options {
  timeout?: number | null;
  /** Set when the call begins, by the process's own clock: for all its tries together. */
  deadline?: number;
  signal?: AbortSignal;
  /** Another try of this call. */
  ctx?: Call;
}
export interface Locals {
  caller?: Caller & { recheck(): Promise<void> | undefined };
}
export type Call = Context<unknown, object, Locals, { deadline?: unknown; sent?: unknown }> & { options: Options };
export type Handler = (ctx: Call) => Promise<unknown>;
export type Begin = (action: string, params: unknown, options?: Options) => Promise<unknown> & { ctx?: Call };
export interface Packet<P> {
  type: string;
  target?: string;
  payload: P;
}
export type Publish = (packet: Packet<{ stamp?: Stamp }>) => Promise<void>;
export type Handle = (
  command: string,
  packet: Packet<{ sender: string; stamp?: unknown; id?: string; event?: string; data?: unknown; headers?: object }>,
) => unknown;
