// How many processes of which service: `--scale orders=2,products=2`.
import { SERVICE_NAMES, type ServiceName } from "../../contracts/index";
import { StartupError } from "../../lib/errors";

/** Processes of one service, at most: one machine is no better with more. */
const MAX = 9;

/** One process to start. */
export interface InstanceOf {
  readonly service: ServiceName;
  /** `orders`, and `orders-2` for the second one. */
  readonly name: string;
}

const usage = (problem: string) =>
  new StartupError(
    `${problem}. Say --scale with services and numbers from 1 to ${MAX}, such as --scale orders=2,products=2. ` +
      `There are: ${SERVICE_NAMES.join(", ")}.`,
  );

const countIn = (part: string): [string, number] => {
  const [service = "", count = ""] = part.split("=");
  if (!SERVICE_NAMES.some(name => name === service)) throw usage(`There is no service ${service || "without a name"}`);
  if (!/^[1-9]$/.test(count)) throw usage(`${part} names no number of processes`);
  return [service, Number(count)];
};

/**
 * The processes of a cluster: one of each service, or as many as the arguments say, in the order of the services' list.
 * @throws StartupError for arguments that cannot be understood
 */
export const instancesIn = (args: readonly string[]): InstanceOf[] => {
  const [flag, value, ...more] = args;
  if (flag !== undefined && (flag !== "--scale" || value === undefined || more.length > 0))
    throw usage(`${args.join(" ")} cannot be understood`);
  const counts = new Map(value === undefined ? [] : value.split(",").map(countIn));
  return SERVICE_NAMES.flatMap(service =>
    Array.from({ length: counts.get(service) ?? 1 }, (_, index) => ({
      service,
      name: index === 0 ? service : `${service}-${index + 1}`,
    })),
  );
};
