// The key that signs access tokens: made once, kept to its owner, published without its private half.
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import fs, { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyInFile, parseKey } from "../../services/users/signing-key";
import { temporaryFolder } from "../helpers/broker";

const pemOf = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
const privateKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const key = parseKey(pemOf(privateKey), "TOKEN_KEY");
const publicPem = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();

describe("the signing key", () => {
  test("is published without its private half, under its RFC 7638 thumbprint", () => {
    const { jwk, kid } = key;
    expect(Object.keys(jwk).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
    expect(jwk).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256", use: "sig", kid });
    const members = `{"crv":"P-256","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`;
    expect(kid).toBe(createHash("sha256").update(members).digest("base64url"));
  });

  test("is made once, readable by its owner only, and found again", () => {
    const path = join(temporaryFolder(), "users", "token-key.pem");
    const made = keyInFile(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(keyInFile(path).kid).toBe(made.kid);
  });

  test("is the other process's when that was faster, and no copy stays behind", () => {
    const folder = temporaryFolder();
    const path = join(folder, "token-key.pem");
    const rival = pemOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
    const write = fs.writeFileSync;
    jest.spyOn(fs, "writeFileSync").mockImplementationOnce((...args) => {
      write(path, rival);
      write(...args);
    });
    try {
      expect(keyInFile(path).kid).toBe(parseKey(rival, path).kid);
      expect(readFileSync(path, "utf8")).toBe(rival);
      expect(readdirSync(folder)).toEqual(["token-key.pem"]);
    } finally {
      jest.restoreAllMocks();
    }
  });

  test.each([
    ["an RSA key", () => pemOf(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey)],
    ["a key on another curve", () => pemOf(generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey)],
    ["an Ed25519 key", () => pemOf(generateKeyPairSync("ed25519").privateKey)],
    ["a public key", () => publicPem],
    ["a password", () => "secret"],
  ])("%s as TOKEN_KEY refuses to start, and the sentence names the setting, not the key", (_what, text) => {
    const parse = () => parseKey(text(), "TOKEN_KEY");
    expect(parse).toThrow(
      expect.objectContaining({
        name: "StartupError",
        message: expect.stringMatching(/^TOKEN_KEY .*P-256|^TOKEN_KEY .*prime256v1/) as string,
      }) as Error,
    );
    expect(parse).not.toThrow(text());
  });

  test("a damaged key file refuses to start and names the file", () => {
    const path = join(temporaryFolder(), "token-key.pem");
    writeFileSync(path, "-----BEGIN PRIVATE KEY-----\nMIG");
    expect(() => keyInFile(path)).toThrow(path);
  });
});
