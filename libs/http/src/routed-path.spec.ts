import { routedPath } from './routed-path';

it.each([
  ['/v1/auth/login', '/v1/auth/login'],
  ['/v1/auth/login?x=/%61', '/v1/auth/login'],
  ['/v1/auth/log%69n', '/v1/auth/login'],
  ['/v1/auth/log%69n?x', '/v1/auth/login'],
  ['http://shop.example/v1/auth/login', '/v1/auth/login'],
  ['HTTPS://shop.example:8080/v1/auth/log%69n?x', '/v1/auth/login'],
  ['/v1/%', '/v1/%'],
  ['*', '*'],
])('of %s is %s', (url, path) => expect(routedPath(url)).toBe(path));
