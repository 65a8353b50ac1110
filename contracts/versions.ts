// Which version a change is meant for: what If-Match asks of the services.
import { type Static, Type } from "@sinclair/typebox";

const Versions = Type.Union([Type.Literal("*"), Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 512 })], {
  description: "Versions that the change may be based on, or *: any there is. An empty list fits none.",
});

/** A param of every action that changes what has a version. */
export const IfVersion = Type.Optional(Versions);
export type IfVersion = Static<typeof Versions>;

/**
 * Whether a change is meant for what stands at `version`. `edited` is the oldest version that will do: nothing that
 * somebody could overwrite has changed since. Default: `version` itself.
 */
export const isMeantFor = (
  { version, edited = version }: { version: number; edited?: number },
  ifVersion: IfVersion | undefined,
): boolean => ifVersion === undefined || ifVersion === "*" || ifVersion.some(seen => seen >= edited && seen <= version);
