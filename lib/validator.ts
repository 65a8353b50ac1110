// Moleculer's validator extension point: contracts are JSON Schema; params of any other service keep Moleculer's own format.
import type { TSchema } from "@sinclair/typebox";
import { Validators } from "moleculer";
import { compileCheck } from "./validate";

type Checker = ReturnType<InstanceType<typeof Validators.Fastest>["compile"]>;

const isJsonSchema = (schema: Record<string, unknown>) => schema.type === "object" && typeof schema.properties === "object";

export class ContractValidator extends Validators.Fastest {
  override compile(schema: Record<string, unknown>): Checker {
    if (!isJsonSchema(schema)) return super.compile(schema);
    const check = compileCheck(schema as unknown as TSchema);
    const checker = (params: Record<string, unknown>) => {
      const errors = check(params);
      return errors.length === 0 || errors.map(error => ({ ...error }));
    };
    // Moleculer takes `true` or a list of errors; its types know only booleans.
    return checker as Checker;
  }
}
