// G5: every order has come to rest, its undo took effect once, and the payment company's book agrees to the cent.
import type { BookEntry } from "../../../services/payments/sandbox-provider";
import type { Facts } from "./facts";
import { isOn, owed, type Story } from "./story";

const ENDS = ["OrderRejected", "OrderCancelled", "OrderRefunded"] as const;

const contradictions = ({ id, events }: Story): string[] => {
  const types = events.map(({ type }) => type);
  const again = types.find((type, index) => types.indexOf(type) < index);
  const ends = ENDS.filter(end => types.includes(end));
  const first = types.findIndex(type => ENDS.some(end => end === type));
  const story = `order ${id}: ${types.join()}`;
  return [
    ...(again === undefined ? [] : [`${again} is there twice in ${story}`]),
    ...(ends.length > 1 ? [`two ends in ${story}`] : []),
    ...(first >= 0 && types.indexOf("OrderConfirmed") > first ? [`confirmed after its end: ${story}`] : []),
  ];
};

const unsettled = (story: Story, book: BookEntry | undefined): string[] => {
  const { id, status, paymentStatus, has } = story;
  const say = (what: string) => [`order ${id} is ${status}, its payment ${paymentStatus}: ${what}`];
  if (status === "pending") return say("not settled");
  // Nobody can give back what a provider that never answers would hold: its book has nothing.
  if (book?.status === "unreachable") return has("StockReleased") || status === "pending" ? [] : say("holds its stock");
  if (isOn(story)) return has("StockSold") && paymentStatus === "captured" ? [] : say("not settled");
  if (status === "refunded") return paymentStatus === "refunded" ? [] : say("its money is not back");
  if (!has("StockReleased")) return say("its stock is not given back");
  const isClear = ["declined", "voided", "refunded"].includes(paymentStatus);
  // Out of stock: nobody was asked for money.
  return isClear || (status === "rejected" && paymentStatus === "pending" && !book) ? [] : say("its money is not back");
};

const wrongMoney = (entry: BookEntry, story: Story | undefined): string[] => {
  const { _id: id, authorized, captured, voided, refunded } = entry;
  const total = story?.placed?.total.amount ?? 0;
  const say = (what: string) => [`the book on order ${id} (${story?.status ?? "unknown"}): ${what}`];
  if (!story) return say("there is no such order");
  const sums = [authorized, captured, voided, refunded];
  return [
    ...(sums.some(amount => amount !== 0 && amount !== total) ? say(`something twice: ${sums.join()}`) : []),
    ...(captured > 0 && !story.has("OrderConfirmed") ? say("captured without a confirmation") : []),
    ...(authorized === captured + voided ? [] : say(`${authorized - captured - voided} is still held`)),
    ...(captured - refunded === owed(story) ? [] : say(`${captured - refunded} is taken, and ${owed(story)} owed`)),
  ];
};

const unpaid = (story: Story, book: BookEntry | undefined): string[] =>
  owed(story) > 0 && !book ? [`order ${story.id} (${story.status}) was never paid`] : [];

/** G5: all is settled, and nothing was taken, given back or confirmed twice or by halves. */
export const unfinished = ({ book }: Facts, stories: ReadonlyMap<string, Story>): string[] => {
  const entries = new Map(book.map(entry => [entry._id, entry]));
  return [
    ...[...stories.values()].flatMap(story => [
      ...contradictions(story),
      ...unsettled(story, entries.get(story.id)),
      ...unpaid(story, entries.get(story.id)),
    ]),
    ...book.flatMap(entry => wrongMoney(entry, stories.get(entry._id))),
  ];
};
