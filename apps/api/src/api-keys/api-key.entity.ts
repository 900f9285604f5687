import type { Scope } from '@app/http';
import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** Of the key itself nothing is stored that could be used. When it was last used stands apart, in `api_key_uses`. */
@Entity('api_keys')
@Unique(['digest'])
@Index(['ownerId', 'createdAt', 'id'])
@Check('api_keys_scopes_check', `cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'write']`)
export class ApiKey {
  @PrimaryColumn('uuid')
  id!: string;

  @ForeignKey('User', { onDelete: 'CASCADE' })
  @Column('uuid')
  ownerId!: string;

  @Column('text')
  name!: string;

  /** The first characters of the key, by which its owner knows it. */
  @Column('text')
  prefix!: string;

  @Column('text')
  digest!: string;

  @Column('text', { array: true })
  scopes!: Scope[];

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', precision: 3 })
  expiresAt!: Date;
}
