// What the mail service promises: it follows the orders' feed and writes to customers; there is nothing else to call.
import { health } from "./common";

export const mail = { health };
