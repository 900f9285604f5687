/** The outcome of a refresh names them all. */
export const MAX_FEEDS = 10_000;
/** So many ids fit into a body; whoever wants more leaves them out, and gets all. */
export const MAX_NAMED_FEEDS = 5_000;
/** Jobs and their outcomes can be read for so long. */
export const KEPT_DAYS = 30;
/** A feed that ends each worker that reads it is given up. */
export const MAX_STARTS = 30;
