// Headers that every answer has, so that browsers make nothing of it but what it is.

/**
 * Nobody is to guess what an answer is, to show it in a frame, or to tell others where it came from.
 * Strict-Transport-Security is for whoever ends TLS before this server, which speaks plain HTTP only.
 */
export const SECURITY_HEADERS: readonly string[] = [
  "X-Content-Type-Options",
  "nosniff",
  "Content-Security-Policy",
  "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy",
  "no-referrer",
  "Cross-Origin-Resource-Policy",
  "same-origin",
];
