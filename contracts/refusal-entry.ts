// What the catalogue of refusals says of each code.
import type { TObject } from "@sinclair/typebox";
import type { Locale } from "./common";

export interface Entry extends Readonly<Record<Locale, string>> {
  readonly status: number;
  /**
   * What the problem says beyond its sentence, for programs. In a sentence `{name|words}` is such a fact, or the words
   * when it is not there.
   */
  readonly facts?: TObject;
  /** The facts as clients see them, where that is something else. */
  readonly shown?: TObject;
}

export type Refusals = Readonly<Record<string, Entry>>;
