// A payment log and the sandbox's book, on which any number of processes act at once or one after the other.
import { join } from "node:path";
import type { paymentEvents, PaymentMethod } from "../../contracts/payments";
import { EventStore } from "../../lib/events/event-store";
import { PaymentCommands } from "../../services/payments/payment-commands";
import { show } from "../../services/payments/payment";
import { type PaymentProvider, withTimeout } from "../../services/payments/provider";
import { type BookEntry, SandboxProvider } from "../../services/payments/sandbox-provider";
import { PaymentProcess } from "../../services/payments/payment-process";
import { openOnce } from "./around-store";
import { temporaryFolder } from "./broker";
import { closeStore, temporaryStore } from "./store";

const price = { amount: 1999, currency: "USD" };

/** A world with its own log and book, on which any number of processes act through `enter`. */
export const world = async (folder = temporaryFolder()) => {
  const [log, sandbox] = await Promise.all([
    temporaryStore(join(folder, "payments")),
    temporaryStore(join(folder, "sandbox")),
  ]);
  const [logs, books] = [openOnce(log), openOnce(sandbox)];
  const enter = async (through: (provider: PaymentProvider) => PaymentProvider = provider => provider) => {
    const provider = through(withTimeout(await SandboxProvider.open(books), 5000));
    const process = new PaymentProcess(
      new PaymentCommands(await EventStore.open<typeof paymentEvents>(logs, () => new Date())),
      provider,
    );
    return {
      authorize: async (orderId = "o1", method: PaymentMethod = "sandbox:ok") =>
        show(await process.authorize({ orderId, amount: price, method })).status,
      capture: async (orderId = "o1") => show(await process.capture(orderId)).status,
      cancel: async (orderId = "o1") => show(await process.cancel(orderId)).status,
    };
  };
  const end = () => Promise.all([closeStore(log), closeStore(sandbox)]);
  return {
    enter,
    end,
    book: async (orderId = "o1") => (await books.collection<BookEntry>("book")).get(orderId),
    folder,
  };
};
