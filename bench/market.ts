// A shop to buy in: customers, products that are never sold out, and orders of two lines for them.
import { Buyer } from "./buyers";

export const ADMIN = { ADMIN_EMAIL: "admin@jangteo.example", ADMIN_PASSWORD: "correct horse battery" };

const PRODUCTS = 200;
const STOCK = 100_000_000;
export const ADDRESS = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };

const post = async <T>(port: number, path: string, body: object, token?: string): Promise<T> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${path} was answered ${answer.status}: ${text}`);
  return JSON.parse(text) as T;
};

/** In cents. */
export const priceOf = (number: number): number => 999 + number;

const product = (number: number) => ({
  sku: `BENCH-${number}`,
  name: `Product ${number}`,
  description: `What a shop says about product ${number}, in as many words as most of them use. `.repeat(2),
  category: `category-${number % 20}`,
  price: { amount: priceOf(number), currency: "USD" },
  stock: STOCK,
});

export interface Customer {
  readonly id: string;
  readonly token: string;
}

export const emailOf = (customer: number): string => `customer-${customer}@example.com`;

/** An access token. */
export const signIn = async (port: number, email: string): Promise<string> =>
  (await post<{ token: string }>(port, "/api/users/login", { email, password: ADMIN.ADMIN_PASSWORD })).token;

export class Market {
  private turn = 0;

  private constructor(
    private readonly port: number,
    readonly customers: readonly Customer[],
    readonly products: readonly string[],
  ) {}

  /** @param customers how many there are to be; each buyer is another one */
  static async open(port: number, customers: number): Promise<Market> {
    const admin = await signIn(port, ADMIN.ADMIN_EMAIL);
    const products: string[] = [];
    for (let number = 0; number < PRODUCTS; number += 1) {
      const { data } = await post<{ data: { id: string } }>(port, "/api/products", product(number), admin);
      products.push(data.id);
    }
    const known: Customer[] = [];
    while (known.length < customers) {
      const account = { email: emailOf(known.length), password: ADMIN.ADMIN_PASSWORD, name: "Kim" };
      const { user, token } = await post<{ user: { id: string }; token: string }>(port, "/api/users/register", account);
      known.push({ id: user.id, token });
    }
    return new Market(port, known, products);
  }

  buyers(count: number): Promise<Buyer[]> {
    return Promise.all(this.customers.slice(0, count).map(({ token }) => Buyer.open(this.port, token)));
  }

  /**
   * An order of two lines. All products get their turn, so that few orders meet; but so many percent of the orders have
   * the first product in them.
   */
  order(contendedPercent: number): string {
    const { products } = this;
    const turn = (this.turn += 1);
    const isContended = (turn * contendedPercent) % 100 < contendedPercent;
    const [first, second] = [isContended ? 0 : this.other(2 * turn), this.other(2 * turn + 1)];
    return JSON.stringify({
      items: [first, second].map(index => ({ productId: products[index], quantity: 1 })),
      shippingAddress: ADDRESS,
      payment: { method: "sandbox:ok" },
    });
  }

  private other(number: number): number {
    return 1 + (number % (this.products.length - 1));
  }
}
