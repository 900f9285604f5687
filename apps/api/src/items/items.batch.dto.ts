import { choice, Field, flag, identifier, listOf, objectOf, ProblemDocument, variantOf, wholeNumber } from '@app/http';
import { DEMO_ITEM } from './items.demo';
import { ItemChanges, ItemContent, ItemView, NewItem, sku, version } from './items.dto';

export const MAX_OPERATIONS = 1_000;

const ifVersion = { optional: true, description: 'Refused with 412 if the item has another version by then.' };

export class ItemCreation {
  @Field(choice(['create']))
  op!: 'create';

  @Field(objectOf(NewItem))
  item!: NewItem;
}

export class ItemUpdate {
  @Field(choice(['update']))
  op!: 'update';

  @Field(identifier(), { example: DEMO_ITEM.id })
  id!: string;

  @Field(objectOf(ItemChanges), { description: 'A merge patch (RFC 7396).' })
  changes!: ItemChanges;

  @Field(version, ifVersion)
  ifVersion?: number;
}

/** Creates or replaces the item with a SKU. */
export class ItemUpsert {
  @Field(choice(['upsert']))
  op!: 'upsert';

  @Field(sku, { example: DEMO_ITEM.sku })
  sku!: string;

  @Field(objectOf(ItemContent))
  item!: ItemContent;
}

export class ItemDeletion {
  @Field(choice(['delete']))
  op!: 'delete';

  @Field(identifier(), { example: DEMO_ITEM.id })
  id!: string;

  @Field(version, ifVersion)
  ifVersion?: number;
}

export type ItemOperation = ItemCreation | ItemUpdate | ItemUpsert | ItemDeletion;

const operation = variantOf('op', {
  create: ItemCreation,
  update: ItemUpdate,
  upsert: ItemUpsert,
  delete: ItemDeletion,
});

export class ItemBatch {
  @Field(listOf(operation, { min: 1, max: MAX_OPERATIONS }), { description: 'Carried out in this order.' })
  operations!: ItemOperation[];

  @Field(flag(), {
    default: true,
    description:
      'True: all or nothing. False: each operation stands or falls alone, and `results` tell which. What is wrong in form is refused as a whole.',
  })
  atomic!: boolean;
}

export class ItemResult {
  @Field(choice(['create', 'update', 'upsert', 'delete']))
  op!: ItemOperation['op'];

  @Field(wholeNumber({ min: 200, max: 499 }), {
    description: 'What the operation alone would have been answered with.',
  })
  status!: number;

  @Field(objectOf(ItemView), { optional: true, nullable: true, description: 'As it is now; null if it was deleted.' })
  item?: ItemView | null;

  @Field(objectOf(ProblemDocument), { optional: true, description: 'Why the operation changed nothing.' })
  problem?: ProblemDocument;
}

export class ItemBatchOutcome {
  @Field(flag())
  atomic!: boolean;

  @Field(listOf(objectOf(ItemResult), { max: MAX_OPERATIONS }), { description: 'One for each operation, in order.' })
  results!: ItemResult[];
}
