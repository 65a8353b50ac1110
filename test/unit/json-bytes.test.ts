// JSON that is passed on as bytes: whatever they are, what is taken from them is JSON, and what a parser would have
// found.
import { JsonBytes } from "../../lib/json-bytes";

/** What is found as the member `data` of a text: parsed, or undefined. */
const dataIn = (text: string | Buffer): unknown => JsonBytes.in(Buffer.from(text), "data")?.value.parse();

/** What a parser makes of a text. */
const parsed = (text: Buffer): unknown => {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
};

const VALUES = [
  0,
  -1.5e-7,
  1e21,
  true,
  false,
  null,
  "",
  'a "quoted" \\ text,"data":{}} ',
  "머그 🍵 \u2028 \u0001 \ud800",
  [],
  {},
  [[], [1, [2, {}]], "]"],
  { data: { data: 1 }, "": "}", 한국: { a: [{}, { b: null }] } },
];

describe("a member", () => {
  test.each(VALUES)("is found between others, with blanks and without: %j", value => {
    const packet = {
      id: 'c1"',
      meta: { data: "not this" },
      success: true,
      data: value,
      sender: '{"data":1}',
      ver: "5",
    };
    for (const indent of [0, 1, "\t", "\r\n "]) expect(dataIn(JSON.stringify(packet, null, indent))).toEqual(value);
    expect(dataIn(JSON.stringify({ data: value }))).toEqual(value);
  });

  test("leaves what stands before and after it", () => {
    const { before, after } = JsonBytes.in(Buffer.from('{"a":1, "data" : [2] ,"b":3}'), "data") ?? {};
    expect([String(before), String(after)]).toEqual(['{"a":1, "data" : ', ' ,"b":3}']);
  });

  test("of a member is found too", () => {
    const bytes = JsonBytes.in(Buffer.from('{"data":{"user":{"version":2}}}'), "data")?.value;
    expect(bytes?.member("user")?.member("version")?.parse()).toBe(2);
    expect(bytes?.member("version")).toBeUndefined();
  });

  test.each([
    ["it is not there", '{"a":{"data":1}}'],
    ["its name comes twice", '{"data":1,"data":2}'],
    ["a key is written with escapes", '{"data":1,"d\\u0061ta":2}'],
    ["it is in an array", '[{"data":1}]'],
    ["there is more behind", '{"data":1}{}'],
    ["nothing is there", ""],
  ])("is not taken when %s", (_why, text) => expect(dataIn(text)).toBeUndefined());

  test("is not taken from bytes that are no UTF-8", () => {
    const text = Buffer.from('{"data":"가"}');
    text[10] = 0xff;
    expect(parsed(text)).toBeDefined();
    expect(dataIn(text)).toBeUndefined();
  });

  test.each(["[", '{"a":', '[{"a":'])("is not taken from a million of %j, and nothing breaks", open => {
    expect(dataIn(`{"data":${open.repeat(1_000_000)}`)).toBeUndefined();
    const nested = open === "[" ? `${"[".repeat(100)}${"]".repeat(100)}` : `${open.repeat(100)}1`;
    expect(dataIn(`{"data":${nested}}`)).toBeUndefined();
  });
});

describe("a packet that was tampered with", () => {
  const whole = Buffer.from(
    JSON.stringify({
      id: "c1",
      success: true,
      data: { a: 'x"\\,', b: [1.5e3, -0, true, null, "머\u0001"], c: {} },
      v: "5",
    }),
  );

  test("is found out wherever it is cut", () => {
    for (let end = 0; end < whole.length; end += 1) expect(dataIn(whole.subarray(0, end))).toBeUndefined();
  });

  test("never gives what is not JSON, or what a parser would not have found, whichever byte is another one", () => {
    let taken = 0;
    for (let index = 0; index < whole.length; index += 1)
      for (let byte = 0; byte < 256; byte += 1) {
        const text = Buffer.from(whole);
        text[index] = byte;
        const found = JsonBytes.in(text, "data");
        if (!found) continue;
        taken += 1;
        expect(found.value.parse()).toEqual((parsed(text) as { data: unknown }).data);
      }
    // Other letters in texts and other digits are still JSON.
    expect(taken).toBeGreaterThan(1000);
  });

  test("never does so with bytes taken out, doubled, or exchanged", () => {
    const bytes = [...whole];
    for (let from = 0; from < bytes.length; from += 1)
      for (let to = from + 1; to <= Math.min(bytes.length, from + 8); to += 1)
        for (const text of [
          bytes.toSpliced(from, to - from),
          bytes.toSpliced(from, 0, ...bytes.slice(from, to)),
          bytes.toSpliced(from, to - from, ...bytes.slice(from, to).toReversed()),
        ].map(mixed => Buffer.from(mixed))) {
          const found = JsonBytes.in(text, "data");
          if (found) expect(found.value.parse()).toEqual((parsed(text) as { data: unknown }).data);
        }
  });
});
