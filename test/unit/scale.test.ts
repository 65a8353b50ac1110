// How many processes a cluster starts of each service.
import { SERVICE_NAMES } from "../../contracts/index";
import { instancesIn } from "../../scripts/cluster/scale";

const names = (...args: string[]) => instancesIn(args).map(({ name }) => name);

test("without a word there is one of each", () => expect(names()).toEqual([...SERVICE_NAMES]));

test("services get as many as is said, the first under the service's own name", () => {
  const scaled = names("--scale", "orders=2,api=3");
  expect(scaled).toHaveLength(SERVICE_NAMES.length + 3);
  expect(scaled).toEqual(expect.arrayContaining(["orders", "orders-2", "api", "api-2", "api-3", "mail"]));
});

test.each([
  [["--scale"], "--scale cannot be understood"],
  [["--scale", "shop=2"], "There is no service shop"],
  [["--scale", "orders=0"], "orders=0 names no number"],
  [["--scale", "orders=two"], "orders=two names no number"],
  [["--scale", "orders=2", "more"], "cannot be understood"],
  [["--speed", "orders=2"], "cannot be understood"],
])("%j is refused with what to say instead", (args, problem) => {
  expect(() => instancesIn(args)).toThrow(problem);
  expect(() => instancesIn(args)).toThrow("such as --scale orders=2,products=2");
});
