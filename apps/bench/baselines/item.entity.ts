import {
  Column,
  CreateDateColumn,
  Entity,
  PrimaryColumn,
  UpdateDateColumn,
  type ValueTransformer,
  VersionColumn,
} from 'typeorm';

const toNumber: ValueTransformer = {
  from: (text: string | null) => (text === null ? null : Number(text)),
  to: (value: number | null) => value,
};

@Entity('items')
export class Item {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  sku!: string;

  @Column('text')
  name!: string;

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('bigint', { nullable: true, transformer: toNumber })
  price!: number | null;

  @Column('text', { nullable: true })
  currency!: string | null;

  @Column('integer')
  stock!: number;

  @Column('text', { array: true })
  tags!: string[];

  @Column('jsonb')
  attributes!: object;

  @Column('uuid', { name: 'owner_id' })
  ownerId!: string;

  @VersionColumn()
  version!: number;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;
}
