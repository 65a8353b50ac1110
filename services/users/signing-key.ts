// The key that signs access tokens: from the settings, or made once and kept where only its owner can read it.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ALGORITHM } from "../../lib/access/access-tokens";
import { codeOf, StartupError } from "../../lib/errors";

export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  kid: string;
  privateKey: KeyObject;
  /** The public half as an RFC 7517 JWK. */
  jwk: Record<string, string>;
}

/** RFC 7638, section 3: SHA-256 over the required members in lexicographic order. */
const thumbprint = ({ crv, kty, x, y }: JsonWebKey) =>
  createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");

/** @throws StartupError when the text is not the PEM of an EC P-256 private key */
export const parseKey = (pem: string, name: string): SigningKey => {
  let privateKey: KeyObject;
  try {
    // In a setting, line breaks may be written as backslash and n.
    privateKey = createPrivateKey(pem.replaceAll("\\n", "\n"));
  } catch {
    throw new StartupError(
      `${name} is not a private key in PEM form: make one with openssl ecparam -name prime256v1 -genkey -noout.`,
    );
  }
  if (privateKey.asymmetricKeyType !== "ec" || privateKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw new StartupError(
      `${name} is not an EC key on the curve P-256: make one with openssl ecparam -name prime256v1 -genkey -noout.`,
    );
  }
  const { kty = "", crv = "", x = "", y = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const kid = thumbprint({ kty, crv, x, y });
  return { kid, privateKey, jwk: { kty, crv, x, y, kid, alg: ALGORITHM, use: "sig" } };
};

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    return undefined;
  }
};

/** The key in the file, which is made when there is none. Mode 0600. */
export const keyInFile = (path: string): SigningKey => {
  const kept = read(path);
  if (kept !== undefined) return parseKey(kept, path);
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const part = `${path}.${process.pid}`;
  writeFileSync(part, pem, { mode: 0o600 });
  try {
    // Not renamed: of two processes that start at once the slower one must take the other's key, not replace it.
    linkSync(part, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    unlinkSync(part);
  }
  return parseKey(readFileSync(path, "utf8"), path);
};
