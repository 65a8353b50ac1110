// An admin at work: makes the products that everybody wants, and brings more of them when they run out.
import { randomUUID } from "node:crypto";
import type { Restock } from "../check/facts";
import { between, oneOf, type Random } from "../../helpers/random";
import type { Records } from "./records";
import type { ShopClient } from "./shop-client";

const PRODUCTS = 5;
/** Few enough for orders to find too little. */
const STOCK = 20;
const MOST_ADDED = 20;

export class Clerk {
  constructor(
    private readonly admin: ShopClient,
    private readonly random: Random,
    private readonly records: Records,
  ) {}

  /** The ids of the products. */
  createProducts(): Promise<string[]> {
    return Promise.all(Array.from({ length: PRODUCTS }, (_, index) => this.create(`WANTED-${index + 1}`)));
  }

  /** Adds pieces now and then, until the shop closes. */
  async run(products: readonly string[]): Promise<void> {
    const { admin, records, random } = this;
    while (!records.isClosing) {
      const restock: Restock = {
        productId: oneOf(random, products),
        delta: between(random, 1, MOST_ADDED),
        answers: [],
      };
      records.restocks.push(restock);
      const key = { "Idempotency-Key": randomUUID() };
      const { productId, delta } = restock;
      const ask = () => admin.send("POST", `/api/products/${productId}/stock`, { delta }, key);
      await admin.insist(restock.answers, ask, () => records.isOver);
      await admin.pause(200, 800);
    }
  }

  private async create(sku: string): Promise<string> {
    const price = { amount: 1000, currency: "USD" };
    const body = { sku, name: `Product ${sku}`, category: "wanted", price, stock: STOCK };
    const ask = () => this.admin.send("POST", "/api/products", body, { "Idempotency-Key": sku });
    const reply = await this.admin.insist([], ask, () => false);
    return (reply?.body.data as { id: string } | undefined)?.id ?? "";
  }
}
