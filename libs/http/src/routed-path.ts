// The path of a request as the router reads it: a login that is spelt in another way is one.

/**
 * What is asked for begins with a slash: a whole address (RFC 9112, section 3.2.2) loses its host, which the router, too, looks past.
 * Else an answer would repeat that host, and be kept for those who ask without.
 */
export function originForm(target: string): string {
  const own = target.replace(/^https?:\/\/[^/?#]*/i, '');
  return own.startsWith('/') ? own : `/${own}`;
}

/** @param url of a request, with whatever query it has */
export function routedPath(url: string): string {
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
