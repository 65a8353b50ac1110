// A client of the public API: sends requests, and reads answers with the types that the contracts promise.
import { randomUUID } from "node:crypto";
import type { Line, Page } from "../../contracts/common";
import type { Order } from "../../contracts/orders";
import type { PaymentMethod } from "../../contracts/payments";
import type { Product } from "../../contracts/products";
import type { SignIn } from "../../contracts/users";
import { assertConforms } from "../helpers/conformance";
import { eventually } from "../helpers/eventually";

export interface Answer<T> {
  status: number;
  headers: Headers;
  /** The body as bytes say it, for comparisons. */
  text: string;
  body: T;
}

/** What every refusal carries. */
export interface Problem {
  success: false;
  status: number;
  code: string;
  error: string;
  errors?: { path: string; message: string }[];
}

export interface RecordedEvent {
  id: string;
  type: string;
  aggregateId: string;
  version: number;
  timestamp: string;
}

type Data<T> = { success: true; data: T };
type Extra = Readonly<Record<string, string>>;

export const PASSWORD = "correct horse battery staple";
export const shippingAddress = { name: "Kim", line1: "Jongno 1", city: "Seoul", postalCode: "03154", country: "KR" };

/** An order for these lines, paid as the sandbox's `method` says. */
export const orderFor = (items: readonly Line[], method: PaymentMethod = "sandbox:ok") => ({
  items,
  shippingAddress,
  payment: { method },
});

/** The id of the order that was placed, also of one that ended rejected; undefined when there is none. */
export const placedIn = ({ status, body }: Answer<Data<Order>>): string | undefined => {
  if (status === 201 || status === 202) return body.data.id;
  return (body as Partial<Record<"orderId", string>> | undefined)?.orderId;
};

export class Client {
  constructor(
    readonly address: string,
    readonly token?: string,
  ) {}

  /** A new customer, signed in. */
  static async register(address: string): Promise<Client> {
    const { body } = await new Client(address).post<SignIn>("/api/users/register", {
      email: `${randomUUID()}@example.com`,
      password: PASSWORD,
      name: "Kim",
    });
    return new Client(address, body.token);
  }

  static async signIn(address: string, email: string, password: string): Promise<Client> {
    const { body } = await new Client(address).post<SignIn>("/api/users/login", { email, password });
    return new Client(address, body.token);
  }

  /** @throws Error also when the OpenAPI document does not name the answer */
  async send<T>(method: string, path: string, body?: unknown, extra: Extra = {}): Promise<Answer<T>> {
    const headers = {
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
      ...extra,
    };
    const response = await fetch(this.address + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    assertConforms({ method, path, status: response.status, headers: Object.fromEntries(response.headers), text });
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (text === "" ? undefined : JSON.parse(text)) as T,
    };
  }

  get = async <T>(path: string, extra?: Extra) => this.send<T>("GET", path, undefined, extra);
  post = async <T>(path: string, body: unknown = {}, extra?: Extra) => this.send<T>("POST", path, body, extra);
  patch = async <T>(path: string, body: unknown, extra?: Extra) => this.send<T>("PATCH", path, body, extra);

  /** Places an order. */
  order = async (body: unknown, key: string = randomUUID()) =>
    this.post<Data<Order>>("/api/orders", body, { "Idempotency-Key": key });

  /** Places an order and asks again with the same key until it knows, as a client that got 202 on a busy machine. */
  async orderToTheEnd(body: unknown, key: string = randomUUID()): Promise<Answer<Data<Order>>> {
    let answer = await this.order(body, key);
    const isFinal = async () => answer.status !== 202 || (answer = await this.order(body, key)).status !== 202;
    await eventually("the order's answer is final", isFinal);
    return answer;
  }

  readOrder = async (id: string) => (await this.get<Data<Order>>(`/api/orders/${id}`)).body.data;
  events = async (id: string) => (await this.get<Data<RecordedEvent[]>>(`/api/orders/${id}/events`)).body.data;
  product = async (id: string) => (await this.get<Data<Product>>(`/api/products/${id}`)).body.data;

  products = async (query = "") => (await this.get<Data<Page<Product>>>(`/api/products${query}`)).body.data;

  /** The order, once it is as described: what follows a checkout may take a moment. */
  async orderOnce(id: string, isSo: (order: Order) => boolean): Promise<Order> {
    let order = await this.readOrder(id);
    await eventually(`order ${id} as awaited`, async () => isSo((order = await this.readOrder(id))));
    return order;
  }

  /** Places an order and waits until it is settled, as a client does that got 202. */
  async settledOrder(body: unknown, key?: string): Promise<Order> {
    const answer = await this.order(body, key);
    const id = placedIn(answer);
    if (id === undefined) throw new Error(`No order: ${answer.status} ${answer.text}`);
    return this.orderOnce(id, order => order.status !== "pending");
  }
}
