// What services log with, whoever prints it.

type Log = (...parts: unknown[]) => void;
export type Logger = Readonly<Record<"debug" | "info" | "warn" | "error", Log>>;
