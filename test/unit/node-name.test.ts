// Which of two live processes with one name has it.
import { type Claim, verdict } from "../../lib/moleculer/node-name";

const claim = (id: string, startedAt: number, holds: boolean): Claim => ({ id, startedAt, holds });

test.each<[string, Claim, Claim, ReturnType<typeof verdict>]>([
  ["who holds it keeps it against an earlier start", claim("a", 2, true), claim("b", 1, false), "keeps"],
  ["who holds it keeps it against a later start", claim("a", 1, true), claim("b", 2, false), "keeps"],
  ["who wants it loses it to a holder that started later", claim("a", 1, false), claim("b", 2, true), "loses"],
  ["of two who want it the earlier start wins", claim("b", 1, false), claim("a", 2, false), "keeps"],
  ["of two who hold it the later start wins", claim("a", 2, true), claim("b", 1, true), "keeps"],
])("%s", (_what, mine, theirs, expected) => {
  expect([verdict(mine, theirs), verdict(theirs, mine)].sort()).toEqual(["keeps", "loses"]);
  expect(verdict(mine, theirs)).toBe(expected);
});

test.each([true, false])("starts of the same millisecond are told apart by their ids (holding: %s)", holds => {
  const [one, other] = [claim("a", 1, holds), claim("b", 1, holds)];
  expect([verdict(one, other), verdict(other, one)].sort()).toEqual(["keeps", "loses"]);
});
