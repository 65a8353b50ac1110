// Loaded before a process of the shop: takes the mechanism away that GUARANTEES_WITHOUT names.
import { MECHANISMS, without } from "./mechanisms";

const mechanism = MECHANISMS.find(name => name === process.env.GUARANTEES_WITHOUT);
if (mechanism) without(mechanism);
