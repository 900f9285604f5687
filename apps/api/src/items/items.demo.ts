// Makes up believable shop goods: item n is a pure function of n, so every machine shows the same catalogue.
import { KINDS, MATERIALS, WORDS, type Department } from './items.demo-words';

export interface DemoItem {
  id: string;
  sku: string;
  name: string;
  description: string;
  price: number | null;
  currency: string | null;
  stock: number;
  tags: string[];
  attributes: Record<string, string | number | boolean | null>;
}

type Random = () => number;
type Facts = ReturnType<typeof chooseFacts>;
type Phrase = (facts: Facts) => string;

const EPOCH_MS = Date.UTC(2025, 0, 1);
const NEWEST_YEAR = 2024;
/** Any number would do; with this one the first item, which every example shows, is a good one. */
const SALT = 563_584;

/** `endings` complete a price the way shops like it: cents and pence, but for the yen, which has none, tens of yen. */
const CURRENCIES = {
  EUR: { perEuro: 1, endings: [0, 0, 50, 90, 95] },
  USD: { perEuro: 1.1, endings: [0, 50, 99] },
  GBP: { perEuro: 0.85, endings: [0, 50, 99] },
  JPY: { perEuro: 1.6, endings: [0, 0, 80] },
};

// prettier-ignore
const COUNTRIES = {
  AT: 'Austria', DE: 'Germany', ES: 'Spain', FI: 'Finland', FR: 'France', IE: 'Ireland', IT: 'Italy', PT: 'Portugal',
  GB: 'United Kingdom', JP: 'Japan', US: 'United States',
};
const FOREIGN_CURRENCIES: Record<string, keyof typeof CURRENCIES> = { GB: 'GBP', JP: 'JPY', US: 'USD' };

/** What may be true of a department's goods, and who makes them: country and name. */
// prettier-ignore
const DEPARTMENTS: Record<Department, { flag: string; makers: string }> = {
  kitchen: { flag: 'giftBoxed', makers: 'DE Brandt & Söhne, PT Ofelia Cobre, FR Maison Gault, FI Torvi, US Cinder Fork, JP Hamaguri' },
  table: { flag: 'giftBoxed', makers: 'PT Barro Lento, FR Atelier Corme, DE Lehmhaus, FI Savi Studio, GB Tarn & Vale' },
  desk: { flag: 'engravable', makers: 'DE Kontor Nord, PT Papelaria Sado, FR Plume Grise, IT Carta Lieve, GB Inkwell & Daughters, JP Fudenami' },
  lighting: { flag: 'dimmable', makers: 'FI Lumolinna, IT Officina Chiara, DE Glimmwerk, ES Llum de Mar, US Beacon Hollow' },
  home: { flag: 'handmade', makers: 'PT Casa Mourisca, AT Haus Linde, IT Ostro Vivo, FI Villa Kaisla, IE Burren Weavers, GB Fell & Fold' },
  outdoor: { flag: 'repairable', makers: 'FI Vaellus, AT Gratweg, IE Cairn Dubh, FR Refuge Bleu, US Cedar Notch' },
  garden: { flag: 'winterProof', makers: 'DE Gartenblick, PT Jardim Velho, FR Serre Verte, IT Orto Lento, GB Loam & Lark' },
  books: { flag: 'firstEdition', makers: 'DE Ebbe Verlag, FR Éditions du Héron, ES Casa del Faro, IE Corrib Books, GB Salt Lane Press, US Juniper House' },
  music: { flag: 'caseIncluded', makers: 'AT Klangholz, IT Liutai Bianchi, ES Guitarras Olmedo, FI Soitin Pajari, JP Otonoki, US Bluestem Strings' },
  toys: { flag: 'handmade', makers: 'DE Holzfuchs, FR Petit Cheval, FI Lelukas, IT Pino & Pia, GB Button & Bear' },
  workshop: { flag: 'engravable', makers: 'DE Eisenhart, PT Ferraria Douro, AT Stahlgrat, FI Vasara Works, JP Kanna Works, US Ironwood Tool' },
  travel: { flag: 'monogram', makers: 'FR Sellerie Vidal, IT Cuoio Lungarno, PT Mala Alta, DE Reisewerk, GB Thornbury Case' },
};

const NAMES: Phrase[] = [
  ({ look, kind, trait }) => `${look} ${kind.noun}, ${trait}`,
  ({ look, kind, trait, size }) => `${look} ${kind.noun}, ${trait}, ${size}`,
];
const NAMES_IN_A_RANGE: Phrase[] = [
  ({ theme, kind, look, size }) => `${theme} ${kind.noun}, ${look}, ${size}`,
  ({ theme, kind, look, trait }) => `${theme} ${look} ${kind.noun}, ${trait}`,
];
const TITLES: Phrase[] = [
  ({ trait, theme, kind }) => `${trait} of the ${theme}: ${kind.noun === 'Atlas' ? 'An' : 'A'} ${kind.noun}`,
  ({ trait, theme, kind, size }) => `${trait} of the ${theme}, ${capitalised(size)} ${kind.noun}`,
];
const REMARKS: Phrase[] = [
  ({ maker }) => `Made by ${maker.name} in ${maker.country.replace('United', 'the United')}.`,
  ({ maker, year }) => `Part of the ${maker.name} catalogue since ${year}.`,
  ({ size, grams }) => `Size: ${size}; weight: ${grams < 1000 ? `${grams} g` : `${grams / 1000} kg`}.`,
  ({ person }) => (person ? `Designed by ${person}.` : 'A classic; nobody knows who drew it first.'),
  () => 'Made in small batches, so it sells out now and then.',
  () => 'Packed in cardboard, without any plastic.',
];
const BOOK_REMARKS: Phrase[] = [
  ({ person, maker }) => `Written by ${person} and published by ${maker.name}.`,
  ({ maker, size }) => `The ${size} edition from ${maker.name}.`,
  ({ year }) => `First published in ${year}.`,
];

const GOODS = KINDS.map((kind) => ({
  ...kind,
  of: kind.of.map((name) => {
    const [tag, recyclable, colours, ...says] = MATERIALS[name];
    return { name, tag, recyclable, colours: list(colours), says };
  }),
  sizes: list(kind.sizes),
  tags: list(kind.tags),
  with: list(kind.with),
  makers: list(DEPARTMENTS[kind.in].makers).map((maker) => {
    const code = maker.slice(0, 2) as keyof typeof COUNTRIES;
    return { name: maker.slice(3), country: COUNTRIES[code], currency: FOREIGN_CURRENCIES[code] ?? 'EUR' };
  }),
  flag: DEPARTMENTS[kind.in].flag,
}));

/** The item every example of the API document shows: the first of the generated ones. */
export const DEMO_ITEM: DemoItem = demoItem(1);
/** Of the account that owns the demo items; written out, so that items know nothing of passwords and sessions. */
export const DEMO_OWNER_ID = '01941f29-7c00-7a3b-9c4d-5e6f70819203';

/** Items 1 to `count`, ids ascending. */
export function* demoItems(count: number): Generator<DemoItem> {
  for (let n = 1; n <= count; n += 1) yield demoItem(n);
}

function demoItem(n: number): DemoItem {
  const random = mulberry32(Math.imul(n, 0x9e3779b1) ^ SALT);
  const id = uuidV7(EPOCH_MS + n * 1000, random);
  const facts = chooseFacts(random);
  const { kind, isBook, material, theme } = facts;
  const description = [pick(kind.says, random)];
  if (random() < 0.7) description.push(pick(material.says, random));
  if (random() < 0.6) description.push(pick(isBook ? BOOK_REMARKS : REMARKS, random)(facts));
  const tags = [kind.in, ...kind.tags.slice(random() < 0.3 ? 1 : 0)];
  if (random() < 0.5) tags.push(material.tag);
  if (random() < 0.3) tags.push(pick(WORDS.occasions, random));
  if (facts.year === NEWEST_YEAR) tags.push('new');
  const price = random() < 0.05 ? null : facts.price;
  return {
    id,
    sku: `DEMO-${String(n).padStart(6, '0')}`,
    name: pick(isBook ? TITLES : theme ? NAMES_IN_A_RANGE : NAMES, random)(facts),
    description: description.join(' '),
    price,
    currency: price === null ? null : facts.maker.currency,
    stock: random() < 0.08 ? 0 : 1 + Math.floor(random() * random() * 240),
    tags,
    attributes: attributesOf(facts, random() < 0.5),
  };
}

function chooseFacts(random: Random) {
  const kind = pick(GOODS, random);
  const maker = pick(kind.makers, random);
  const { perEuro, endings } = CURRENCIES[maker.currency];
  const isBook = kind.in === 'books';
  const material = pick(kind.of, random);
  const colour = pick(material.colours, random);
  const size = pick(kind.sizes, random);
  const sizeRank = rank(kind.sizes, size);
  const grams = between(kind.grams, 0.8 * sizeRank + 0.2 * random());
  const euros = between(kind.euros, 0.4 * rank(kind.of, material) + 0.4 * sizeRank + 0.2 * random());
  return {
    kind,
    isBook,
    material,
    colour,
    look: capitalised(colour === material.colours[0] ? material.name : `${colour} ${material.name}`),
    trait: pick(kind.with, random),
    size,
    grams: grams < 100 ? Math.round(grams) : Math.round(grams / 10) * 10,
    price: Math.floor(euros * perEuro) * 100 + pick(endings, random),
    maker,
    /** The author of a book, the designer of some other goods. */
    person: isBook || random() < 0.5 ? `${pick(WORDS.firstNames, random)} ${pick(WORDS.lastNames, random)}` : null,
    /** The region that a book is about, the range that some other goods belong to. */
    theme: isBook ? pick(WORDS.regions, random) : random() < 0.5 ? pick(WORDS.ranges, random) : null,
    year: NEWEST_YEAR - Math.floor(random() * 12),
  };
}

function attributesOf(facts: Facts, flag: boolean): DemoItem['attributes'] {
  const { isBook, kind, material, colour, size, theme, person, maker, grams, year } = facts;
  const attributes: DemoItem['attributes'] = isBook
    ? { author: person, maker: maker.name, madeIn: maker.country, binding: size, region: theme }
    : { designer: person, maker: maker.name, madeIn: maker.country, colour, size, range: theme };
  attributes.material = material.name;
  attributes.recyclable = material.recyclable;
  attributes.weightGrams = grams;
  attributes.year = year;
  attributes[kind.flag] = flag;
  return attributes;
}

function uuidV7(timeMs: number, random: Random): string {
  const time = hex(timeMs, 12);
  const version = hex(0x7000 + random() * 0x1000, 4);
  const variant = hex(0x8000 + random() * 0x4000, 4);
  const rest = hex(random() * 2 ** 32, 8) + hex(random() * 2 ** 16, 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${rest}`;
}

/** Public domain, by Tommy Ettinger: https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
function mulberry32(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)] as T;
}

/** Where in its list a value stands, between 0 and 1. */
function rank<T>(list: readonly T[], value: T): number {
  return (list.indexOf(value) + 0.5) / list.length;
}

function between([low, high]: readonly [number, number], fraction: number): number {
  return low + (high - low) * fraction;
}

function hex(value: number, digits: number): string {
  return Math.floor(value).toString(16).padStart(digits, '0');
}

function capitalised(words: string): string {
  return words.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}

function list(text: string): string[] {
  return text.split(', ');
}
