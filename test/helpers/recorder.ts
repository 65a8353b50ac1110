// A logger that keeps what was said, for tests to read.
import { format } from "node:util";
import { Loggers } from "moleculer";

export class Recorder extends Loggers.Base<{ level: "debug" }> {
  readonly lines: string[] = [];
  constructor() {
    super({ level: "debug" });
  }
  override getLogHandler(): (level: string, args: unknown[]) => void {
    return (level, args) => this.lines.push(`${level} ${format(...args)}`);
  }
}
