// What If-Match and If-None-Match say, field by field: tags as RFC 9110 has them, and nothing that only looks like one.
import { alreadyHas, parseTags } from "../../services/api/http/entity-tags";
import { versionsForm, versionsIn } from "../../services/api/routing/if-match";
import { compileCheck } from "../../lib/validate";

const documented = compileCheck(versionsForm.schema);

describe("a field with tags", () => {
  test.each<[field: string, tags: "*" | string[], versions: "*" | number[]]>([
    [`"3"`, [`"3"`], [3]],
    [`"2", "3"`, [`"2"`, `"3"`], [2, 3]],
    [`"2","3"\t,\t"4"`, [`"2"`, `"3"`, `"4"`], [2, 3, 4]],
    [`, ,"2",, "3",`, [`"2"`, `"3"`], [2, 3]],
    [`  "3"\t`, [`"3"`], [3]],
    ["*", "*", "*"],
    [" * ", "*", "*"],
    [`"*"`, [`"*"`], []],
    [`W/"3"`, [`W/"3"`], []],
    [`W/"3", "4", W/"5"`, [`W/"3"`, `"4"`, `W/"5"`], [4]],
    [`""`, [`""`], []],
    [`"2,3"`, [`"2,3"`], []],
    [`"W/"`, [`"W/"`], []],
    [`"1e0"`, [`"1e0"`], []],
    [
      `"01", "+1", "-1", "1.0", "0x1", "0", "Infinity"`,
      [`"01"`, `"+1"`, `"-1"`, `"1.0"`, `"0x1"`, `"0"`, `"Infinity"`],
      [],
    ],
    [`"9007199254740993"`, [`"9007199254740993"`], []],
    [`"\u00e9"`, [`"\u00e9"`], []],
  ])("%j has %j, of which %j can be versions", (field, tags, versions) => {
    expect(parseTags(field)).toEqual(tags);
    expect(versionsIn(field)).toEqual(versions);
    expect(documented(field)).toEqual([]);
  });

  test.each([
    "",
    " ",
    ",",
    "3",
    "1e0",
    `" 3"`,
    `"3 "`,
    `"3`,
    `3"`,
    "'3'",
    `w/"3"`,
    `W/ "3"`,
    `W"3"`,
    "W/3",
    "W/*",
    `"2" "3"`,
    `"2";"3"`,
    `"3";q=1`,
    `*, "3"`,
    `"3", *`,
    "**",
    `"*`,
    `"3""`,
    `"""`,
    `"\u0000"`,
    `"\u007f"`,
    `"\u0663"`,
    `"3"\n`,
    `x"3"`,
    `\u00a0"3"`,
  ])("%j is no such field", field => {
    expect(parseTags(field)).toBeUndefined();
    expect(documented(field)).not.toEqual([]);
  });

  test("a long one that fails at its end is read as fast as it is written", () => {
    for (const part of [`"1",`, ", ", "\t", `"1" , `, `W/"1",`])
      expect(parseTags(`${part.repeat(20_000)}x`)).toBeUndefined();
  });
});

describe("If-None-Match", () => {
  test.each([`"3"`, `W/"3"`, `"1", "3"`, `"1",W/"3"`, ` ,"3"`, "*"])("%p names the version there is", field =>
    expect(alreadyHas(field, `"3"`)).toBe(true),
  );
  test.each([undefined, "", `"2"`, `"33"`, "3", `"1", "2"`, `"3e0"`, `"1,3"`, `w/"3"`, `"*"`])("%p does not", field =>
    expect(alreadyHas(field, `"3"`)).toBe(false),
  );
  test.each([`"3" "2"`, `*, "3"`, `"3", 2`, `"2, "3"`])("%p is malformed, and says nothing", field =>
    expect(alreadyHas(field, `"3"`)).toBe(false),
  );
});
