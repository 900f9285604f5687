// The path of a request as the router reads it: a login that is spelt in another way is one.

/** @param url of a request, with whatever query it has */
export function routedPath(url: string): string {
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  if (path.startsWith('/') && !path.includes('%')) return path;
  const own = path.replace(/^https?:\/\/[^/]*/i, '');
  try {
    return decodeURIComponent(own);
  } catch {
    return own;
  }
}
