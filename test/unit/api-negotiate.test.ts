// What a client says it can take, and what of it we believe: media types, languages, origins, request ids.
import { requestId } from "../../services/api/http/response";
import { corsOf } from "../../services/api/http/cors";
import { acceptsJson, localeOf } from "../../services/api/http/negotiate";

describe("Accept", () => {
  test.each([
    undefined,
    "",
    "*/*",
    "application/json",
    "application/*",
    "text/html, application/json;q=0.1",
    "text/html,application/xhtml+xml,*/*;q=0.8",
    "APPLICATION/JSON",
    "application/json; charset=utf-8",
    "application/json;q=0.5;ext=1",
    " ",
  ])("%p takes JSON", accept => {
    expect(acceptsJson(accept)).toBe(true);
  });
  test.each(["text/html", "application/xml, text/*", "application/json;q=0", "*/*, application/json;q=0.0"])(
    "%p leaves JSON out",
    accept => {
      expect(acceptsJson(accept)).toBe(false);
    },
  );
});

describe("Accept-Language", () => {
  test.each([
    ["ko", "ko"],
    ["ko-KR,ko;q=0.9,en;q=0.8", "ko"],
    ["fr, en;q=0.3, ko;q=0.2", "en"],
    ["en;q=0.1, KO;q=0.9", "ko"],
    ["ko;q=0", "en"],
    ["ko;q=oft", "en"],
    ["ko-Kore-KR", "ko"],
    ["*", "en"],
    ["en-US, ko", "en"],
    ["ko-KR, en", "ko"],
    ["", "en"],
    [",;=,-,", "en"],
    ["fr", "en"],
    [undefined, "en"],
  ])("%p is answered in %p", (header, locale) => {
    expect(localeOf(header, "en")).toBe(locale);
  });
  test("nobody's wish falls back to the shop's language", () => expect(localeOf("fr, de", "ko")).toBe("ko"));
});

describe("CORS", () => {
  const cors = corsOf(["https://shop.example.com"]);
  test("an allowed origin is repeated", () =>
    expect(cors("https://shop.example.com")).toEqual(
      expect.arrayContaining(["Vary", "Origin", "Access-Control-Allow-Origin", "https://shop.example.com"]),
    ));
  test.each([
    "https://shop.example.co",
    "https://s",
    "https://shop.example.com.evil.example",
    "http://shop.example.com",
    "null",
    "",
    undefined,
  ])("%p is not, however much it looks like one", origin => {
    expect(cors(origin)).toEqual(["Vary", "Origin"]);
  });
  test("a star admits everybody and does not vary", () => {
    expect(corsOf(["*"])("https://anywhere.example")).toEqual(
      expect.arrayContaining(["Access-Control-Allow-Origin", "*"]),
    );
    expect(corsOf(["*"])(undefined)).not.toContain("Vary");
  });
});

describe("X-Request-ID", () => {
  test("a sound one is kept", () => expect(requestId("a-1_b.C")).toBe("a-1_b.C"));
  test.each([undefined, "", "a b", "x".repeat(65), "a\tb", "ü", ["a", "b"]])(
    "instead of %p there is a new one, never the same twice",
    offered => {
      const id = requestId(offered);
      expect(id).toMatch(/^[a-z0-9-]{14,}$/);
      expect(requestId(offered)).not.toBe(id);
    },
  );
});
