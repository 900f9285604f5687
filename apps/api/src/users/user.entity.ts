import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn, Unique, UpdateDateColumn } from 'typeorm';

export type Role = 'user' | 'admin';
export type Status = 'active' | 'disabled' | 'deleted';

/**
 * Words of e-mail and display name. Split at ASCII punctuation first: PostgreSQL's parser takes an address or a host name for
 * one word, of which only the beginning could be found.
 */
const SEARCH = `to_tsvector('simple', regexp_replace(coalesce(email, '') || ' ' || display_name, '[!-/:-@[-\`{-~]+', ' ', 'g'))`;

/** A deleted user stays as an empty shell, since items keep their owner's id. */
@Entity('users')
@Unique(['email'])
@Index(['createdAt', 'id'])
@Index(['role', 'createdAt', 'id'])
@Index(['status', 'createdAt', 'id'])
@Check('users_role_check', `role IN ('user', 'admin')`)
@Check('users_status_check', `status IN ('active', 'disabled', 'deleted')`)
@Check('users_email_check', `(email IS NULL) = (status = 'deleted')`)
export class User {
  @PrimaryColumn('uuid')
  id!: string;

  /** In lower case; null once deleted. */
  @Column('text', { nullable: true })
  email!: string | null;

  /** Null until the address was proved to be the owner's. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  emailVerifiedAt!: Date | null;

  /** Where the account moves as soon as its owner has proved to read mail there. */
  @Column('text', { nullable: true })
  pendingEmail!: string | null;

  @Column('text')
  displayName!: string;

  /** argon2id in PHC format; null once deleted. */
  @Column('text', { nullable: true, select: false })
  passwordHash!: string | null;

  @Column('text', { default: 'user' })
  role!: Role;

  @Column('text', { default: 'active' })
  status!: Status;

  @Column('integer', { default: 1 })
  version!: number;

  /** Access tokens of an older generation are refused: a new password ends all sessions. */
  @Column('integer', { default: 1 })
  tokenGeneration!: number;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt!: Date;

  @Index({ type: 'gin' })
  @Column({
    type: 'tsvector',
    asExpression: SEARCH,
    generatedType: 'STORED',
    select: false,
    insert: false,
    update: false,
  })
  search!: string;
}

/** What a query reads unless it asks for more. */
export type AccountRow = Omit<User, 'passwordHash' | 'tokenGeneration' | 'search'>;
