// Moleculer's validator extension point: contracts are JSON Schema; params of any other service keep Moleculer's own
// format.
import type { TObject, TSchema } from "@sinclair/typebox";
import { Validators } from "moleculer";
import { compileCheck } from "../validate";

type Checker = ReturnType<InstanceType<typeof Validators.Fastest>["compile"]>;

/**
 * Where an action's params keep the whole contract. A symbol: no tool takes it for a parameter, and it does not cross
 * the wire.
 */
const CONTRACT = Symbol("contract");

/**
 * Params of an action as Moleculer and its tools read them, a key for each parameter, that are validated by the whole
 * contract. The parameters are copies: of two that share a schema, Moleculer tells other nodes only the first.
 */
export const paramsFrom = (contract: TSchema): Record<string, unknown> => {
  const { properties = {} } = contract as Partial<TObject>;
  return { ...(JSON.parse(JSON.stringify(properties)) as object), [CONTRACT]: contract };
};

export class ContractValidator extends Validators.Fastest {
  override compile(schema: Record<string, unknown>): Checker {
    const { [CONTRACT]: contract } = schema as { [CONTRACT]?: TSchema };
    if (!contract) return super.compile(schema);
    const check = compileCheck(contract);
    const checker = (params: Record<string, unknown>) => {
      const errors = check(params);
      return errors.length === 0 || errors.map(error => ({ ...error }));
    };
    // Moleculer takes `true` or a list of errors; its types know only booleans.
    return checker as Checker;
  }
}
