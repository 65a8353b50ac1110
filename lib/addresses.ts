// Addresses of other systems, such as `nats://user:password@host:4222`: read strictly, and shown without what is secret
// in them.

export interface Address {
  scheme: string;
  user: string | undefined;
  password: string | undefined;
  /** Each `host` or `host:port`; IPv6 in brackets. */
  hosts: readonly string[];
  /** What follows the hosts: a path, options. */
  rest: string;
}

/**
 * RFC 3986, section 3. A character with a meaning of its own inside a name or password must be percent-encoded: read
 * leniently, a part of the password would become a host, a port or a path, and those are shown.
 */
const FORM = /^([a-z][a-z0-9+]*):\/\/(?:([^:@/?#\s]*)(?::([^@/?#\s]*))?@)?([^@/?#\s]+)((?:[/?][^@#\s]*)?)$/i;
const HOST = /^(?:\[[0-9a-f:.]+\]|[^\s:@/?#,[\]]+)(?::(\d{1,5}))?$/i;
const MAX_PORT = 65_535;

const decoded = (text: string | undefined): string | undefined => {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const isHost = (text: string): boolean => {
  const found = HOST.exec(text);
  return found !== null && Number(found[1] ?? 1) <= MAX_PORT;
};

/** The parts of an address, its name and password decoded; undefined when it is none. */
export const parseAddress = (text: string): Address | undefined => {
  const [, scheme = "", user, password, list = "", rest = ""] = FORM.exec(text) ?? [];
  const hosts = list.split(",");
  const readable = [user, password].every(part => part === undefined || decoded(part) !== undefined);
  if (scheme === "" || !hosts.every(isHost) || !readable) return undefined;
  return { scheme: scheme.toLowerCase(), user: decoded(user), password: decoded(password), hosts, rest };
};

/** An address as it may be shown: scheme and hosts. */
export const withoutCredentials = (text: string): string => {
  const address = parseAddress(text);
  return address ? `${address.scheme}://${address.hosts.join(",")}` : "…";
};

/**
 * What somebody else says about an address, such as a driver's error, without the address and without what is secret in
 * it.
 */
export const hideCredentials = (said: string, address: string): string => {
  const [, , user, password] = FORM.exec(address) ?? [];
  const options = address.includes("?") ? address.slice(address.indexOf("?") + 1).split("&") : [];
  const secrets = [user, password, ...options.map(option => option.slice(option.indexOf("=") + 1))];
  const all = [
    address,
    ...secrets.flatMap(secret => [secret, decoded(secret), encodeURIComponent(decoded(secret) ?? "")]),
  ];
  const longestFirst = all
    .filter(secret => secret !== undefined && secret !== "")
    .sort((a, b) => (b?.length ?? 0) - (a?.length ?? 0));
  return longestFirst.reduce<string>((text, secret) => text.replaceAll(secret ?? "", "…"), said);
};
