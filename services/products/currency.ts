// The currency of a shop's products, which is one for all: another one is not for this shop.
import type { productEvents } from "../../contracts/product-events";
import { StartupError } from "../../lib/errors";
import type { EventStore } from "../../lib/events/event-store";

/** The currency that the first product was priced in; undefined for an empty shop. */
const currencyOf = async (events: Pick<EventStore<typeof productEvents>, "read">): Promise<string | undefined> => {
  for (let after = 0; ;) {
    const commits = await events.read(after, 100);
    const found = commits.flatMap(commit => commit.events).find(event => event.type === "ProductCreated");
    const last = commits.at(-1);
    if (found || !last) return found?.data.price.currency;
    after = last.position;
  }
};

/** @throws StartupError when the shop's products are priced in another currency */
export const checkCurrency = async (
  wanted: string,
  events: Pick<EventStore<typeof productEvents>, "read">,
): Promise<void> => {
  const priced = await currencyOf(events);
  if (priced === undefined || priced === wanted) return;
  const problem = `CURRENCY=${wanted} does not fit this shop, whose products are priced in ${priced}`;
  throw new StartupError(`${problem}. Set CURRENCY=${priced}, or start a new shop in another DATA_DIR or database.`);
};
