// The sandbox provider keeps the promises of its port: what does not apply, changes nothing.
import { SandboxProvider } from "../../services/payments/sandbox-provider";
import { temporaryStore } from "../helpers/store";

const price = { amount: 1999, currency: "USD" };

describe("the sandbox keeps the promises of its port", () => {
  const open = async () => SandboxProvider.open(await temporaryStore());
  const request = { key: "k", amount: price, method: "sandbox:ok" as const };
  const statuses = async (...operations: (() => Promise<{ status: string } | "absent">)[]) => {
    const seen: string[] = [];
    for (const operation of operations)
      await operation().then(answer => seen.push(answer === "absent" ? answer : answer.status));
    return seen;
  };

  test("what does not apply changes nothing and answers how things stand", async () => {
    const box = await open();
    const [authorize, capture, undo, refund, find] = [
      () => box.authorize(request),
      () => box.capture("k"),
      () => box.void("k"),
      () => box.refund("k"),
      () => box.find("k"),
    ];
    expect(
      await statuses(find, authorize, authorize, refund, capture, capture, undo, refund, refund, capture, find),
    ).toEqual([
      "absent",
      "authorized",
      "authorized",
      "authorized",
      "captured",
      "captured",
      "captured",
      "refunded",
      "refunded",
      "refunded",
      "refunded",
    ]);
  });

  test("a key that was voided before it was heard of is never authorised", async () => {
    const box = await open();
    expect(
      await statuses(
        () => box.void("k"),
        () => box.authorize(request),
        () => box.capture("k"),
        () => box.find("k"),
      ),
    ).toEqual(["voided", "voided", "voided", "voided"]);
  });
});
