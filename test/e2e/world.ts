// A running shop, seen from outside: its admin, new customers, and products that only one scenario knows.
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Product } from "../../contracts/products";
import { type ReadMail, readMail } from "../helpers/mails";
import { Client } from "./client";
import { type Running, type Settings, startShop } from "./processes";

export const ADMIN = { ADMIN_EMAIL: "admin@example.com", ADMIN_PASSWORD: "an admin's password" };

export class World {
  private constructor(
    readonly shop: Running,
    readonly admin: Client,
  ) {}

  static async start(settings: Settings = {}): Promise<World> {
    const shop = await startShop({ ...settings, env: { ...ADMIN, ...settings.env } });
    return new World(shop, await Client.signIn(shop.address, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD));
  }

  get visitor(): Client {
    return new Client(this.shop.address);
  }

  customer = async () => Client.register(this.shop.address);

  /** A new product, with a SKU of its own. */
  async product(stock: number, amount = 1999): Promise<Product> {
    const sku = randomUUID();
    const { body } = await this.admin.post<{ data: Product }>("/api/products", {
      sku,
      name: `Product ${sku}`,
      category: "e2e",
      price: { amount, currency: "USD" },
      stock,
    });
    return body.data;
  }

  /** What is left of a product, and what of that nobody holds. */
  async left({ id }: { id: string }): Promise<{ stock: number; available: number }> {
    const { stock, available } = await this.visitor.product(id);
    return { stock, available };
  }

  /** The mails in the outbox whose subject or text mentions something. */
  async mailsAbout(mention: string): Promise<ReadMail[]> {
    const folder = join(this.shop.dataDir, "outbox");
    const files = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith(".eml")) : [];
    const mails = await Promise.all(files.map(name => readMail(readFileSync(join(folder, name)))));
    return mails.filter(({ subject, text }) => `${subject}\n${text}`.includes(mention));
  }
}
