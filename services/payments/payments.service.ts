// Payments: holds, takes and gives back the money of an order, once each.
import { paymentEvents, payments } from "../../contracts/payments";
import { defineService } from "../../lib/moleculer/service";
import { show } from "./payment";
import { PaymentCommands } from "./payment-commands";
import { PaymentProcess } from "./payment-process";
import { type PaymentProvider, withTimeout } from "./provider";
import { SandboxProvider } from "./sandbox-provider";
import { settings } from "./settings";

export default defineService("payments", payments, {
  settings,
  events: paymentEvents,
  async open({ settings: { PAYMENT_PROVIDER: name, PAYMENT_TIMEOUT_MS: timeoutMs }, events, openStore }) {
    // The sandbox plays another company: its book is none of this service's data.
    const sandbox = await openStore("sandbox");
    const providers: Readonly<Record<typeof name, () => Promise<PaymentProvider>>> = {
      sandbox: () => SandboxProvider.open(sandbox),
    };
    const provider = withTimeout(await providers[name](), timeoutMs);
    const payment = new PaymentProcess(new PaymentCommands(events), provider);

    return {
      actions: {
        authorize: async ctx => show(await payment.authorize(ctx.params, ctx)),
        capture: async ctx => show(await payment.capture(ctx.params.orderId, ctx)),
        cancel: async ctx => show(await payment.cancel(ctx.params.orderId, ctx)),
      },
      stopped: () => sandbox.close(),
    };
  },
});
