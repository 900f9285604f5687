import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  Index,
  PrimaryColumn,
  Unique,
  UpdateDateColumn,
} from 'typeorm';

/** What full-text search looks at, most telling first. */
const SEARCH = [
  `setweight(to_tsvector('english', name), 'A')`,
  `setweight(to_tsvector('simple', sku), 'A')`,
  `setweight(to_tsvector('english', words_of(tags)), 'B')`,
  `setweight(jsonb_to_tsvector('english', attributes, '["string"]'), 'C')`,
  `setweight(to_tsvector('english', coalesce(description, '')), 'D')`,
].join(' || ');

const GENERATED = { generatedType: 'STORED', select: false, insert: false, update: false } as const;

@Entity('items')
@Unique(['sku'])
@Index(['createdAt', 'id'])
@Index(['updatedAt', 'id'])
@Index(['name', 'id'])
@Index(['price', 'id'])
@Index(['ownerId', 'createdAt', 'id'])
@Check('items_price_check', 'price >= 0')
@Check('items_stock_check', 'stock >= 0')
@Check('items_price_currency_check', '(price IS NULL) = (currency IS NULL)')
export class Item {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  sku!: string;

  @Column('text')
  name!: string;

  @Column('text', { nullable: true })
  description!: string | null;

  /** In the currency's minor unit. */
  @Column('bigint', { nullable: true })
  price!: number | null;

  @Index()
  @Column('text', { nullable: true })
  currency!: string | null;

  @Index()
  @Column('integer', { default: 0 })
  stock!: number;

  @Index({ type: 'gin' })
  @Column('text', { array: true, default: [] })
  tags!: string[];

  @Column('jsonb', { default: {} })
  attributes!: Record<string, string | number | boolean | null>;

  /** The attributes as `key:value`. An array, because the planner keeps statistics of its elements and of jsonb none. */
  @Index({ type: 'gin' })
  @Column({ type: 'text', array: true, asExpression: 'terms_of(attributes)', ...GENERATED })
  terms!: string[];

  @ForeignKey('User')
  @Column('uuid')
  ownerId!: string;

  @Column('integer', { default: 1 })
  version!: number;

  /** Milliseconds, as the contract shows them, so that a cursor says exactly where a page ended. */
  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt!: Date;

  @Index({ type: 'gin' })
  @Column({ type: 'tsvector', asExpression: SEARCH, ...GENERATED })
  search!: string;
}

/** The columns that a caller sets. */
export type ItemValues = Pick<
  Item,
  'sku' | 'name' | 'description' | 'price' | 'currency' | 'stock' | 'tags' | 'attributes'
>;
