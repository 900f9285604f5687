import { faultsBetween, MAX_ATTRIBUTES_BYTES } from './items.rules';

const item = (attributes: Record<string, string | number | boolean | null>) => ({
  ...{ sku: 'A', name: 'A', description: null, price: null, currency: null, stock: 0, tags: [] },
  attributes,
});
/** As many keys as make the JSON so long, with a text of these characters in each. */
const attributesOf = (bytes: number, character: string): Record<string, string> => {
  const made: Record<string, string> = {};
  const size = (): number => Buffer.byteLength(JSON.stringify(made));
  while (bytes - size() > 30_000) made[`k${size()}`] = character.repeat(4_000);
  made['rest'] = '';
  const [own, left] = [Buffer.byteLength(JSON.stringify(character)) - 2, bytes - size()];
  made['rest'] = character.repeat(Math.floor(left / own)) + 'x'.repeat(left % own);
  return made;
};

it.each(['x', 'ä', '€', '😀', '\u001f', '\ud800'])(
  'attributes may have so many bytes as JSON, and no more: %j',
  (one) => {
    expect(faultsBetween(item(attributesOf(MAX_ATTRIBUTES_BYTES, one)))).toEqual([]);
    const [fault] = faultsBetween(item(attributesOf(MAX_ATTRIBUTES_BYTES + 1, one)));
    expect(fault).toMatchObject({ code: 'too_long', at: '/attributes' });
  },
);
