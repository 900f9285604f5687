import Ajv2020 from 'ajv/dist/2020';
import { MaxLength } from 'class-validator';
import { listOf } from './compound-rules';
import { Field, partialOf, schemaOf, Together } from './fields';
import { examine, objectOf, variantOf } from './input';
import { choice, identifier, type Rule, text, wholeNumber } from './rules';

let examined = 0;
const counted: Rule = {
  ...wholeNumber({ min: 0, max: 9 }),
  faults(value) {
    examined++;
    return wholeNumber({ min: 0, max: 9 }).faults(value);
  },
};

class SpecLeaf {
  @Field(counted)
  size!: number;

  @Field(identifier(), { optional: true })
  id?: string;
}

class SpecBranch {
  @Field(choice(['branch']))
  kind!: 'branch';

  @Field(listOf(objectOf(SpecLeaf), { max: 5 }), { default: [] })
  leaves!: SpecLeaf[];
}

class SpecTree {
  @Field(variantOf('kind', { branch: SpecBranch }))
  trunk!: SpecBranch;

  @Field(text({ max: 9 }), { default: 'oak', nullable: true })
  name!: string | null;
}

const tree = (trunk: unknown, more = {}) => examine(SpecTree, { trunk, ...more });

describe('examine', () => {
  beforeEach(() => (examined = 0));

  it('makes instances all the way down, with defaults, in their one form', () => {
    const id = '01941F29-7C00-7A3B-9C4D-5E6F70819203';
    const { instance, faults } = tree({ kind: 'branch', leaves: [{ size: 1, id }] });
    expect(faults).toEqual([]);
    expect(instance).toMatchObject({
      name: 'oak',
      trunk: { kind: 'branch', leaves: [{ size: 1, id: id.toLowerCase() }] },
    });
    expect(instance.trunk).toBeInstanceOf(SpecBranch);
    expect(instance.trunk.leaves[0]).toBeInstanceOf(SpecLeaf);
    expect(tree({ kind: 'branch' }, { name: null }).instance).toEqual({
      trunk: { kind: 'branch', leaves: [] },
      name: null,
    });
  });

  it('looks at each value once, good or bad, however deep it is', () => {
    tree({ kind: 'branch', leaves: [{ size: 1 }, { size: 2 }] });
    expect(examined).toBe(2);
    tree({ kind: 'branch', leaves: [{ size: 1 }, { size: -2 }] });
    expect(examined).toBe(4);
  });

  it.each([
    [{}, ['/trunk required']],
    [{ trunk: null }, ['/trunk wrong_type']],
    [
      { trunk: { kind: 'branch', leaves: [{ size: 10 }, { 'a/b': 1 }] }, x: 1 },
      [
        '/x unknown',
        '/trunk/leaves/0/size out_of_range',
        '/trunk/leaves/1/a~1b unknown',
        '/trunk/leaves/1/size required',
      ],
    ],
    [{ trunk: {} }, ['/trunk/kind not_in_list']],
    [{ trunk: { kind: 'toString' } }, ['/trunk/kind not_in_list']],
    [{ trunk: { kind: 'constructor' } }, ['/trunk/kind not_in_list']],
    [{ trunk: { kind: ['branch'] } }, ['/trunk/kind not_in_list']],
    [{ trunk: { kind: 'branch' }, name: 7 }, ['/name wrong_type']],
  ])('names every fault of %j', (given, expected) => {
    expect(examine(SpecTree, given).faults.map(({ at, code }) => `${at} ${code}`)).toEqual(expected);
  });

  describe('fields that come together', () => {
    @Together('width', 'height')
    class SpecFrame {
      @Field(wholeNumber({ min: 0, max: 9 }), { default: null, nullable: true })
      width!: number | null;

      @Field(wholeNumber({ min: 0, max: 9 }), { default: null, nullable: true })
      height!: number | null;
    }
    class SpecPicture extends SpecFrame {}
    class SpecChanges extends partialOf(SpecPicture) {}

    it.each([
      [{}, []],
      [{ width: null }, []],
      [{ width: 0, height: 0 }, []],
      [{ width: 1 }, ['/height required']],
      [{ width: null, height: 1 }, ['/width required']],
    ])('%j', (given, expected) => {
      expect(examine(SpecPicture, given).faults.map(({ at, code }) => `${at} ${code}`)).toEqual(expected);
      const allows = new Ajv2020({ strict: false }).compile(schemaOf(SpecPicture));
      expect(allows(given)).toBe(expected.length === 0);
      expect(examine(SpecChanges, given).faults).toEqual([]);
    });
  });

  it('lets plain class-validator decorators work beside @Field', () => {
    class SpecPlain {
      @Field(text({ max: 9 }))
      @MaxLength(1)
      word!: string;
    }
    expect(examine(SpecPlain, { word: 'ab' }).faults).toEqual([
      { at: '/word', code: 'maxLength', detail: 'must be shorter than or equal to 1 characters' },
    ]);
  });
});
