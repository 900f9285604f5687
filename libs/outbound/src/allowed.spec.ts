import { Allowed, isPublic } from './allowed';

it.each([
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '172.32.0.1',
  '192.167.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001::200e',
])('%s is public', (address) => expect(isPublic(address)).toBe(true));

it.each([
  ['this host', '0.0.0.0', '0.1.2.3', '::'],
  ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
  ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ['shared by a carrier', '100.64.0.1', '100.127.255.255'],
  ['link-local', '169.254.1.1', 'fe80::1', 'fe80::1%eth0'],
  ['unique or site local', 'fc00::1', 'fd12:3456::1', 'fec0::1'],
  ['metadata', '169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '192.0.0.192', '168.63.129.16'],
  ['multicast or broadcast', '224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1'],
  ['reserved', '192.0.0.1', '198.18.0.1', '198.19.255.255', '240.0.0.1', '192.88.99.1', '100::1', '5f00::1', '4000::1'],
  ['for documents', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  ['mapped', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::ffff:0:7f00:1'],
  ['compatible', '::127.0.0.1', '::8.8.8.8'],
  ['translated', '64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::1'],
  ['tunnelled', '2002:7f00:1::', '2002:808:808::', '2001::1', '2001:0:4136:e378::'],
  ['no address', '', 'localhost', '127.1', '0x7f.1'],
])('what is %s is not public', (_, ...addresses) => {
  for (const address of addresses) expect([address, isPublic(address)]).toEqual([address, false]);
});

describe('an operator allows', () => {
  const allowed = new Allowed(['10.1.0.0/16', 'fd00::/64', '192.168.1.7', 'Catalogue.Internal']);

  it.each([
    ['a network', 'shop.example', '10.1.2.3', true],
    ['no other', 'shop.example', '10.2.0.1', false],
    ['a network of IPv6', 'shop.example', 'fd00::7', true],
    ['an address', 'shop.example', '192.168.1.7', true],
    ['no other address', 'shop.example', '192.168.1.8', false],
    ['a name', 'catalogue.internal', '192.168.9.9', true],
    ['no name that ends in it', 'x.catalogue.internal', '192.168.9.9', false],
    ['an allowed address as IPv6', 'shop.example', '::ffff:10.1.2.3', true],
    ['no other address as IPv6', 'shop.example', '::ffff:10.2.2.3', false],
    ['all public ones anyway', 'shop.example', '1.1.1.1', true],
  ])('%s', (_, hostname, address, expected) => expect(allowed.permits(hostname, address)).toBe(expected));
});
