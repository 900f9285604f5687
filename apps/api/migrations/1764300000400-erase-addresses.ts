import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whatever else names the address of an account or its owner's machine goes with it, whoever deletes it: a shell stays, so no ON DELETE sees it go. */
export class EraseAddresses1764300000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const [{ schema }] = (await runner.query(`SELECT quote_ident(current_schema()) AS schema`)) as [{ schema: string }];
    // What was mailed in the last hour still counts, by a digest: else whoever signs up with the address of a stranger, and deletes
    // the account, could bury him in mails. Where the account was to move may be a stranger's, too, who waits for a mail of his own.
    await runner.query(`
      CREATE FUNCTION erase_addresses() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      BEGIN
        UPDATE ${schema}.mail_tokens SET address = encode(sha256(convert_to(address, 'UTF8')), 'hex'), expires_at = '-infinity'
        WHERE user_id = NEW.id;
        DELETE FROM ${schema}.mail_requests WHERE user_id = NEW.id OR (user_id IS NULL AND address = OLD.email);
        DELETE FROM ${schema}.kept_mails WHERE recipient IN (OLD.email, OLD.pending_email);
        DELETE FROM ${schema}.sessions WHERE user_id = NEW.id;
        RETURN NULL;
      END $$`);
    await runner.query(`REVOKE ALL ON FUNCTION erase_addresses() FROM PUBLIC`);
    await runner.query(`
      CREATE TRIGGER users_erase_addresses AFTER UPDATE OF status ON users
      FOR EACH ROW WHEN (NEW.status = 'deleted') EXECUTE FUNCTION erase_addresses()`);
    // Those that were deleted before.
    await runner.query(`
      DELETE FROM mail_tokens USING users WHERE users.id = mail_tokens.user_id AND users.status = 'deleted'`);
    await runner.query(
      `DELETE FROM sessions USING users WHERE users.id = sessions.user_id AND users.status = 'deleted'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION erase_addresses() CASCADE`);
  }
}
