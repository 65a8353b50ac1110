// Addresses with passwords: whatever somebody writes there, nothing that a start prints tells the password or a part of
// it.
import { MongoClient } from "mongodb";
import { hideCredentials, parseAddress } from "../../lib/addresses";
import { settingsIn } from "../helpers/settings";
import { natsOptions } from "../../lib/moleculer/nats";
import { StartupError } from "../../lib/errors";
import { SharedClient } from "../../lib/store/mongo/mongo-client";

/** The pieces of every password, which nothing may repeat. */
const PIECES = ["Zaqw", "Xsed"];
const BETWEEN = [
  ",",
  "@",
  ":",
  "/",
  "%",
  "#",
  "?",
  "[",
  "]",
  " ",
  "%2",
  "%zz",
  "%40",
  "\\",
  ",nats://",
  "://",
  "&",
  "=",
  "\n",
  "\t",
  "'",
  '"',
  "$",
  "ü",
  "25",
];
const SETTINGS = {
  NATS_URL: "nats",
  SMTP_URL: "smtp",
  MONGO_URL: "mongodb",
  CORS_ORIGINS: "https",
  HOST: "http",
  SERVICES: "nats",
  MAIL_FROM: "smtp",
  NODE_NAME: "nats",
  PORT: "tcp",
};

const nasty = (scheme: string): string[] =>
  BETWEEN.flatMap(between => {
    const password = PIECES.join(between);
    const twice = `${password}${between}${PIECES.join("")}`;
    return [password, twice].flatMap(secret => [
      // Without a host, the part behind an @ is the host: nobody can tell.
      ...(between === "@" && secret === password
        ? []
        : [`${scheme}://shop:${secret}`, `${scheme}://shop:${secret}host:1`]),
      `${scheme}://shop:${secret}@host:1`,
      `${scheme}://shop:${secret}@host`,
      `${scheme}://:${secret}@host:1/x`,
      `${scheme}:/shop:${secret}@host`,
      `shop:${secret}@host:1`,
      `shop:${secret}`,
      `${scheme}://shop:1${between}${secret}@host`,
      `${scheme}://shop:${secret}@host:1,${scheme}://shop:${secret}@host:99999`,
    ]);
  });

/** What a person would read: the refusal, or, of an accepted address, all that is shown of it. */
const shownOf = (name: string, value: string): string => {
  try {
    const { NATS_URL: nats, MONGO_URL: mongoUrl, SMTP_URL: smtpUrl, HOST: host } = settingsIn({ [name]: value });
    const servers = nats ? natsOptions(nats).servers : [];
    const hosts = [mongoUrl, smtpUrl].flatMap(url => (url ? (parseAddress(url)?.hosts ?? [url]) : []));
    return [...servers, ...hosts, host].join(" ");
  } catch (error) {
    if (error instanceof StartupError) return error.message;
    throw error;
  }
};

const telling = (text: string) => PIECES.some(piece => text.toLowerCase().includes(piece.toLowerCase()));

test.each(Object.entries(SETTINGS))("no form of a password in %s is printed", (name, scheme) => {
  const told = nasty(scheme).filter(value => telling(shownOf(name, value)));
  expect(told).toEqual([]);
});

test("nor is one that the MongoDB driver complains about", async () => {
  const accepted = nasty("mongodb")
    .flatMap(url => [
      url,
      `${url}/jangteo?authMechanism=Zaqw`,
      `mongodb://shop:Zaqw@host/x?tls=${encodeURIComponent(url)}`,
      `${url}/?Xsed=Zaqw`,
    ])
    .filter(url => !shownOf("MONGO_URL", url).includes("is not usable"));
  expect(accepted.length).toBeGreaterThan(10);
  for (const url of accepted) {
    // Only the driver's own look at the address, without a server to ask.
    const connect = jest
      .spyOn(MongoClient.prototype, "connect")
      .mockRejectedValue(new Error(`failed: ${url} ${PIECES.join(" ")}`));
    const message = await SharedClient.acquire(url, 100).then(
      () => "",
      (error: unknown) => String(error),
    );
    connect.mockRestore();
    const { password = "" } = parseAddress(url) ?? {};
    expect([url, password !== "" && message.includes(password), message.includes(url)]).toEqual([url, false, false]);
  }
});

test.each([
  ["nats://host", { hosts: ["host"], user: undefined, password: undefined }],
  ["nats://joe:a%2Cb%25c@host:4222", { hosts: ["host:4222"], user: "joe", password: "a,b%c" }],
  ["nats://token@host", { hosts: ["host"], user: "token", password: undefined }],
  [
    "mongodb://joe:a,b:c@one,two:27017,[::1]:3/shop?replicaSet=a",
    { hosts: ["one", "two:27017", "[::1]:3"], user: "joe", password: "a,b:c" },
  ],
  ["mongodb+srv://db.example/", { hosts: ["db.example"] }],
])("%s is read", (address, parts) => expect(parseAddress(address)).toMatchObject(parts));

test.each([
  "",
  "host",
  "nats:host",
  "nats://",
  "nats://@",
  "nats://host:",
  "nats://host:65536",
  "nats://host:1x",
  "nats://a:b%@host",
  "nats://a:b@c@host",
  "nats://ho st",
  "nats://host/@x",
  "nats://host#x",
  "nats://host\n",
])("%j is no address", address => expect(parseAddress(address)).toBeUndefined());

test("what others say about an address is repeated without its secrets", () => {
  const url = "mongodb://joe:pa%2Css@db.example:27017/shop?tlsCertificateKeyFilePassword=t0psecret";
  const said = `Cannot use "${url}": pa,ss pa%2Css t0psecret for joe at db.example`;
  expect(hideCredentials(said, url)).toBe('Cannot use "…": … … … for … at db.example');
});
