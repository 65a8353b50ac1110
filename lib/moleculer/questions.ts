// Asks other nodes whether they are there: Moleculer's PING and PONG, with what they tell of each other's clocks.
import { randomUUID } from "node:crypto";

/** Milliseconds that a node gets to answer. */
const ANSWER_WITHIN = 2000;

export class Questions {
  private readonly open = new Map<string, (stamp: unknown) => void>();
  private readonly asking = new Map<string, Promise<boolean>>();

  /**
   * @param ask sends a PING with this id
   * @param onAnswer is told when the question was asked, and what the PONG said of the other's clock
   */
  constructor(
    private readonly now: () => number,
    private readonly ask: (nodeID: string, id: string) => void,
    private readonly onAnswer: (asked: number, stamp: unknown) => void,
  ) {}

  /**
   * Whether a node answers. A bus that keeps the order of packets has delivered all that the node sent before, when its
   * answer comes. Those who ask while one question is under way share it.
   */
  isThere(nodeID: string): Promise<boolean> {
    const same = this.asking.get(nodeID) ?? this.put(nodeID);
    this.asking.set(nodeID, same);
    return same;
  }

  /** A PONG has come. */
  answered(id: string, stamp: unknown): void {
    this.open.get(id)?.(stamp);
  }

  private put(nodeID: string): Promise<boolean> {
    const id = randomUUID();
    const asked = this.now();
    return new Promise(resolve => {
      const end = (isThere: boolean) => {
        clearTimeout(patience);
        this.open.delete(id);
        this.asking.delete(nodeID);
        resolve(isThere);
      };
      const patience = setTimeout(end, ANSWER_WITHIN, false);
      this.open.set(id, stamp => {
        this.onAnswer(asked, stamp);
        end(true);
      });
      this.ask(nodeID, id);
    });
  }
}
