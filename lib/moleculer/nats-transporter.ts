// Moleculer's NATS transporter, with one write to the socket for all that a turn of the event loop sends.
import { Transporters } from "moleculer";

/**
 * The client writes at the end of each callback's microtasks: a system call for nearly every message. Here messages
 * wait for the end of the turn, no longer than what runs already, and go out in the order they came in.
 */
export class NatsTransporter extends Transporters.NATS {
  private waiting: { topic: string; data: Buffer }[] = [];

  override send(topic: string, data: Buffer): Promise<void> {
    if (this.waiting.push({ topic, data }) === 1) setImmediate(() => this.sendWaiting());
    return Promise.resolve();
  }

  override async disconnect(): Promise<void> {
    // The farewell may be among them: without it the others wait for heartbeats that do not come.
    this.sendWaiting();
    await super.disconnect();
  }

  private sendWaiting(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const { topic, data } of waiting) {
      try {
        void super.send(topic, data);
      } catch (error) {
        // Whoever sent it has gone on. It is lost, as any message can be.
        this.logger.warn(`A message to ${topic} was not sent:`, error);
      }
    }
  }
}
