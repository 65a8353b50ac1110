// What a person reads when the shop is ready: where it is, what to know once, and lines to try that work as pasted.

/** One field of a JSON answer, with nothing but sed. */
const pick = (field: string) => `| sed 's/.*"${field}":"\\([^"]*\\)".*/\\1/'`;

/** Somebody to try the shop as. */
const PERSON = { email: "kim@example.com", password: "correct horse" };

const linesToTry = (address: string) => [
  `SHOP=${address}`,
  `JSON="Content-Type: application/json"`,
  `curl -s $SHOP/api/users/register -H "$JSON" -d '${JSON.stringify({ ...PERSON, name: "Kim" })}'`,
  `TOKEN=$(curl -s $SHOP/api/users/login -H "$JSON" -d '${JSON.stringify(PERSON)}' ${pick("token")})`,
  `curl -s "$SHOP/api/products?page=1&limit=3"`,
  `PRODUCT=$(curl -s "$SHOP/api/products?limit=1" ${pick("id")})`,
  `ADDRESS='{"name":"Kim","line1":"Jongno 1","city":"Seoul","postalCode":"03154","country":"KR"}'`,
  `ITEMS='[{"productId":"'$PRODUCT'","quantity":2}]'`,
  `ORDER='{"items":'$ITEMS',"shippingAddress":'$ADDRESS',"payment":{"method":"sandbox:ok"}}'`,
  `curl -s $SHOP/api/orders -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: $(date +%s)" -H "$JSON" -d "$ORDER"`,
  `curl -s $SHOP/api/orders -H "Authorization: Bearer $TOKEN"`,
];

/** The address that a person on this machine uses for a server bound to `host`. */
export const addressFor = (host: string, port: number): string => {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
};

/** The first lines; `milliseconds` is how long it took to get ready. */
export const headline = (address: string, notices: readonly string[], milliseconds: number): string =>
  [
    "",
    `Jangteo is open at ${address} (ready in ${(milliseconds / 1000).toFixed(1)} s). Ctrl-C stops it.`,
    ...notices,
    "",
  ].join("\n");

/** Where services of other folders can join; `address` is without credentials. */
export const natsNotice = (address: string): string =>
  `NATS is at ${address}: docs/joining.md says how your own services join.`;

/** The lines to try. */
export const invitation = (address: string): string =>
  [
    "To try it, paste these lines into another terminal, or run:",
    `npm run demo -- ${address}`,
    "",
    ...linesToTry(address),
    "",
  ].join("\n");
