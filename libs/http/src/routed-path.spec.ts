import { originForm, routedPath } from './routed-path';

it.each([
  ['/v1/auth/login', '/v1/auth/login'],
  ['/v1/auth/login?x=/%61', '/v1/auth/login'],
  ['/v1/auth/log%69n', '/v1/auth/login'],
  ['/v1/auth/log%69n?x', '/v1/auth/login'],
  ['/v1/%', '/v1/%'],
  ['*', '*'],
])('of %s is %s', (url, path) => expect(routedPath(url)).toBe(path));

it.each([
  ['http://shop.example/v1/items?q=x', '/v1/items?q=x'],
  ['HTTPS://shop.example:8080/v1/items', '/v1/items'],
  ['http://shop.example//elsewhere.example/v1/items', '//elsewhere.example/v1/items'],
  ['http://shop.example', '/'],
  ['http://shop.example?q=/v1/items', '/?q=/v1/items'],
  ['http:///v1/items', '/v1/items'],
  ['ftp://shop.example/v1/items', '/ftp://shop.example/v1/items'],
  ['*', '/*'],
  ['*v1/items', '/*v1/items'],
])('%s asks for %s', (target, url) => expect(originForm(target)).toBe(url));
