// Payments: holds, takes and gives back the money of an order, once each.
import type { ServiceSchema } from "moleculer";
import { type paymentEvents, payments } from "../../contracts/payments";
import type { Config } from "../../lib/config";
import { EventStore } from "../../lib/events/event-store";
import { StartupError } from "../../lib/refusal";
import type { Runtime } from "../../lib/moleculer/runtime";
import { defineService } from "../../lib/moleculer/service";
import { show } from "./payment.rules";
import { PaymentLog } from "./payment-commands";
import { type PaymentProvider, withTimeout } from "./provider";
import { SandboxProvider } from "./sandbox-provider";
import { Settlement } from "./payment-process";

export const paymentsService = async (runtime: Runtime): Promise<ServiceSchema> => {
  const store = await runtime.openStore("payments");
  const events = await EventStore.open<typeof paymentEvents>(store, runtime.now);
  // The sandbox plays another company: its book is none of this service's data.
  const sandbox = await runtime.openStore("sandbox");
  const providers: Readonly<Record<NonNullable<Config["paymentProvider"]>, () => Promise<PaymentProvider>>> = {
    sandbox: () => SandboxProvider.open(sandbox),
  };
  const { paymentProvider, paymentTimeout } = runtime.config;
  if (paymentProvider === undefined) throw new StartupError("PAYMENT_PROVIDER is not set: payments needs one.");
  const provider = withTimeout(await providers[paymentProvider](), paymentTimeout);
  const settlement = new Settlement(new PaymentLog(events), provider);

  return defineService(runtime, "payments", payments, {
    store,
    events,
    actions: {
      authorize: async ctx => show(await settlement.authorize(ctx.params)),
      capture: async ctx => show(await settlement.capture(ctx.params.orderId)),
      cancel: async ctx => show(await settlement.cancel(ctx.params.orderId)),
    },
    stopped: () => sandbox.close(),
  });
};
