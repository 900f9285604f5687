import { isKnownPassword } from './users.known-passwords';
import { DEMO_USER } from './users.demo';

test.each([
  'password',
  'PassWord1',
  'qwertyuiop',
  '12345678',
  'ｐａｓｓｗｏｒｄ',
  'Floodgate2026!',
  'c.a.t.a.l.o.g.u.e',
])('%p is guessed first', (password) => expect(isKnownPassword(password)).toBe(true));

test.each([
  'a sentence is a good password',
  DEMO_USER.password,
  'passwort für 3 Äpfel',
  'floodgate opens at nine',
  '😀😀😀😀😀😀😀😀',
])('%p is not', (password) => expect(isKnownPassword(password)).toBe(false));
