// If-Match through HTTP down to the logs: who has seen an old version changes nothing, whatever he sends it with.
import { etagOf, openShop, STALE, type Target, targets } from "../helpers/conditional-targets";
import { codeOf, pathsOf } from "../helpers/http";

beforeAll(openShop);

const names = Object.keys(targets) as (keyof typeof targets)[];

describe.each(names)("%s", name => {
  let one: Target;
  beforeEach(async () => {
    one = await targets[name]();
  });
  const versionOf = (etag: string) => Number(/^"(\d+)"$/.exec(etag)?.[1]);

  test("is done for who has the ETag of now, and answers with the next one", async () => {
    const before = etagOf(await one.read());
    const changed = await one.change(before);
    expect(changed.status).toBe(200);
    expect(etagOf(changed)).toBe(etagOf(await one.read()));
    expect(versionOf(etagOf(changed))).toBeGreaterThan(versionOf(before));
  });

  test("of two at once who have the same ETag one is done, the other one is 412", async () => {
    const etag = etagOf(await one.read());
    const answers = await Promise.all([one.change(etag), one.change(etag)]);
    expect(answers.map(codeOf).sort(([first], [second]) => Number(first) - Number(second))).toEqual([
      [200, undefined],
      STALE,
    ]);
  });

  test("on an old ETag is 412, and changes nothing", async () => {
    const old = etagOf(await one.read());
    expect((await one.change(old)).status).toBe(200);
    const before = await one.read();
    expect(codeOf(await one.change(old))).toEqual(STALE);
    const { text, headers } = await one.read();
    expect([text, headers.etag]).toEqual([before.text, before.headers.etag]);
  });

  test("is 412 for every tag that is none of its own, weak ones included, however it looks like a number", async () => {
    const before = await one.read();
    const version = versionOf(etagOf(before));
    for (const field of [
      `W/"${version}"`,
      `"${version}e0"`,
      `"0${version}"`,
      `"${version}.0"`,
      `"+${version}"`,
      `"0x${version}"`,
      `""`,
      `"Infinity"`,
      `"${version + 1}"`,
      `W/"${version}", "${version + 1}"`,
      `"${version},${version + 1}"`,
      `"${version}\u00e9"`,
      `"-${version}"`,
    ]) {
      expect([field, ...codeOf(await one.change(field))]).toEqual([field, ...STALE]);
    }
    expect((await one.read()).text).toBe(before.text);
  });

  test("is 422 for what is no list of tags, and changes nothing", async () => {
    const before = await one.read();
    const version = versionOf(etagOf(before));
    for (const field of [
      "",
      ",",
      `${version}`,
      `1e0`,
      `" ${version}"`,
      `"${version} "`,
      `"${version}`,
      `${version}"`,
      `'${version}'`,
      `w/"${version}"`,
      `W/ "${version}"`,
      `"${version}" "${version}"`,
      `"${version}";q=1`,
      `*, "${version}"`,
      `"${version}", *`,
      "**",
      `"${version}""`,
      "W/*",
    ]) {
      const answer = await one.change(field);
      expect([field, ...codeOf(answer)]).toEqual([field, 422, "VALIDATION_FAILED"]);
      expect(pathsOf(answer)).toEqual(["/If-Match"]);
    }
    expect((await one.read()).text).toBe(before.text);
  });

  test("is done without If-Match, where it need not be sent", async () => {
    expect((await one.change(undefined)).status).toBe(name === "PATCH /api/products/:id" ? 428 : 200);
  });

  test.each<[string, (etag: string) => string | string[]]>([
    ["any version", () => "*"],
    ["several, one of them its own", etag => `"99999", ${etag}`],
    ["several in lines of their own", etag => [`"99999"`, etag]],
    ["a weak one beside its own, with what a list may have too much", etag => `, W/"1" ,,${etag},`],
  ])("is done for %s", async (_title, fieldOf) => {
    expect((await one.change(fieldOf(etagOf(await one.read())))).status).toBe(200);
  });
});
