// Moleculer's packets: who asked for bytes gets them, and whatever is not a plain answer is read as ever.
import { Serializers } from "moleculer";
import { JsonBytes } from "../../lib/json-bytes";
import { AS_BYTES, PassingSerializer } from "../../lib/moleculer/serializer";

const serializer = new PassingSerializer();
const pendingRequests = new Map([
  ["bytes", { ctx: { options: { timeout: 1, ...AS_BYTES } } }],
  ["values", { ctx: { options: {} } }],
]);
serializer.init({ transit: { pendingRequests } } as never);

const answer = { id: "bytes", meta: {}, success: true, data: { name: '머그 "1"' }, ver: "5", sender: "products-1" };
const read = (packet: object | string, type = "RES") =>
  serializer.deserialize(Buffer.from(typeof packet === "string" ? packet : JSON.stringify(packet)), type) as {
    data: unknown;
  };

test("writes what any Moleculer broker writes", () => {
  expect(serializer.serialize(answer)).toEqual(new Serializers.JSON().serialize(answer));
});

test("an answer comes as bytes to who asked for them, with everything else as ever", () => {
  const { data, ...rest } = read(answer);
  expect(data).toBeInstanceOf(JsonBytes);
  expect((data as JsonBytes).bytes.toString()).toBe(JSON.stringify(answer.data));
  expect({ ...rest, data: answer.data }).toEqual(answer);
  expect(read({ ...answer, data: [] }).data).toBeInstanceOf(JsonBytes);
});

test.each([
  ["to somebody else", { ...answer, id: "values" }],
  ["nobody waits for", { ...answer, id: "unknown" }],
  ["that is a failure", { ...answer, success: false, data: {}, error: { code: 400 } }],
  ["that is a stream's", { ...answer, stream: true, seq: 1 }],
  ["that is a text", { ...answer, data: "a" }],
  ["that is nothing", { ...answer, data: null }],
  ["whose id stands elsewhere", Object.fromEntries(Object.entries(answer).toReversed())],
])("an answer %s is read as ever", (_what, packet) => expect(read(packet)).toEqual(packet));

test("an answer that names two calls goes to the one that a parser sees", () => {
  expect(read(`{"id":"bytes",${JSON.stringify({ ...answer, id: "values" }).slice(1)}`)).toMatchObject({
    id: "values",
    data: answer.data,
  });
});

test("other packets are read as ever", () => expect(read(answer, "EVENT")).toEqual(answer));

test.each([
  JSON.stringify(answer).slice(0, -9),
  '{"id":"bytes"',
  '{"id":"bytes","success":true,"data":{a}}',
  '{"id":"',
])("an answer that is no JSON is an error, as ever: %s", packet => expect(() => read(packet)).toThrow(SyntaxError));
