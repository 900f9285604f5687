// The goods of the demo catalogue: what they are made of, how big they are, what they cost and what one says about them.

interface Material {
  tag: string;
  recyclable: boolean;
  /** The material's own colour first: a name does not mention that one. */
  colours: string[];
  says: string[];
}

type MaterialName = keyof typeof MATERIALS;
export type Department = 'kitchen' | 'table' | 'desk' | 'lighting' | 'home' | 'outdoor' | 'garden' | 'books' | 'music' | 'toys' | 'travel' | 'workshop';

// prettier-ignore
const MATERIALS = {
  oak: ['wood', true, 'natural, smoked, black', 'Solid oak, oiled rather than lacquered.', 'The oak grows warmer with age.'],
  walnut: ['wood', true, 'natural, dark', 'No two pieces of walnut look alike.', 'Finished by hand with hard wax oil.'],
  ash: ['wood', true, 'natural, white, black', 'Pale ash with a lively grain.', 'Ash is light, springy and very tough.'],
  beech: ['wood', true, 'natural, red, blue, green', 'Made of beech from certified forests.', 'Sanded smooth, with no sharp edges.'],
  birch: ['wood', true, 'natural, white, grey', 'Birch from slow-growing northern forests.', 'Edges are sanded and waxed.'],
  maple: ['wood', true, 'natural, honey', 'Dense maple that takes years of use.', 'The maple is air-dried for three years.'],
  cherry: ['wood', true, 'natural, dark', 'Cherry wood reddens in the light.', 'Oiled twice and polished by hand.'],
  spruce: ['wood', true, 'natural, amber', 'Spruce rings clear and opens up as it is played.', 'Thinly lacquered, so that the wood can move.'],
  mahogany: ['wood', true, 'natural, dark', 'Mahogany gives it a round, warm tone.', 'The mahogany comes from certified plantations.'],
  bamboo: ['wood', true, 'natural, caramel', 'Bamboo grows back within five years.', 'Wipe with a damp cloth and let it dry.'],
  'olive wood': ['wood', true, 'natural', 'Each grain pattern is unique.', 'Cut from trees that no longer bear fruit.'],
  'stainless steel': ['metal', true, 'silver, black', 'The steel does not rust or stain.', 'Brushed steel hides fingerprints.'],
  'carbon steel': ['metal', true, 'grey, black', 'Keep it dry and lightly oiled.', 'Carbon steel builds a fine patina.'],
  'cast iron': ['metal', true, 'black, cream, navy, red', 'Heavy, and made to be inherited.', 'Cast in sand, one at a time.'],
  'enamelled steel': ['metal', true, 'white, cream, navy, sage, mustard', 'Enamel is easy to clean.', 'A chip adds character.'],
  'galvanised steel': ['metal', true, 'grey, moss green', 'Zinc keeps the rain from biting.', 'Hot-dipped, so it can stay outside.'],
  copper: ['metal', true, 'copper', 'The copper darkens beautifully unless polished.', 'Solid copper, spun by hand.'],
  brass: ['metal', true, 'gold, blackened', 'Unlacquered brass that ages with you.', 'A soft cloth brings back the shine.'],
  aluminium: ['metal', true, 'silver, black, white, sage, rust', 'Powder-coated to last.', 'Nine tenths of the aluminium is recycled.'],
  stoneware: ['ceramic', false, 'sand, chalk, moss, ink blue, charcoal, ochre', 'The glaze varies from piece to piece.',
    'Fired at 1,250 °C.'],
  porcelain: ['ceramic', false, 'white, celadon, cobalt blue, blush', 'Thin, yet stronger than it looks.', 'Glazed inside and out.'],
  terracotta: ['ceramic', false, 'red, sand, charcoal', 'Unglazed clay that breathes.', 'Weathers softly within a season.'],
  glass: ['glass', true, 'clear, smoke, amber, sea green', 'Mouth-blown, with the odd tiny bubble.', 'Made with recycled glass.'],
  linen: ['textile', true, 'natural, sage, rust, navy, charcoal, blush', 'Stone-washed for softness.', 'European flax, woven densely.'],
  wool: ['textile', true, 'undyed, moss, ochre, grey, burgundy', 'Spun from traceable wool.', 'Wool airs well and rarely needs a wash.'],
  cotton: ['textile', true, 'natural, white, sky blue, mustard, rose', 'Organic cotton, pre-washed.', 'Machine washable at 40 °C.'],
  canvas: ['textile', true, 'natural, olive, navy, black', 'Waxed canvas sheds a shower.', 'Seams are stitched twice where it matters.'],
  ripstop: ['textile', false, 'olive, orange, slate, teal', 'The fabric stops a tear before it runs.', 'Coated without fluorine.'],
  leather: ['leather', false, 'tan, black, cognac, forest green', 'Vegetable-tanned leather.', 'Marks and scuffs only make it better.'],
  paper: ['paper', true, 'ivory', 'Printed on uncoated paper.', 'Thread-sewn, so that it opens flat.'],
  cardboard: ['paper', true, 'multicoloured', 'Made entirely of recycled board.', 'Printed with soy-based inks.'],
} satisfies Record<string, [tag: string, recyclable: boolean, colours: string, ...says: string[]]>;

interface Row {
  in: Department;
  noun: string;
  of: MaterialName[];
  sizes: string;
  euros: [number, number];
  grams: [number, number];
  tags: string;
  with: string;
  says: string[];
}

// Materials run from plain to dear and sizes from small to large: price and weight follow them.
// prettier-ignore
const ROWS: Row[] = [
  { in: 'kitchen', noun: 'Frying Pan', of: ['carbon steel', 'cast iron', 'copper'], sizes: '20 cm, 24 cm, 28 cm',
    euros: [29, 169], grams: [900, 2600], tags: 'cookware, pan', with: 'Long Handle, Two Spouts, Helper Handle, Deep Rim, Riveted Handle',
    says: ['Sears evenly and goes from hob to oven to table.', 'The pan to reach for on a weekday and on a Sunday.'] },
];
