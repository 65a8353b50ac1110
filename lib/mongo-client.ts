// One MongoDB client for all stores of a process, with timeouts that hold when the driver's own do not.
import { MongoClient, MongoError, MongoServerError } from "mongodb";
import { StartupError } from "./refusal";
import { DuplicateKey, StoreUnavailable } from "./store";
import { messageOf } from "./store-values";


