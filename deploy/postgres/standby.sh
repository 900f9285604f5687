#!/bin/sh
# Copies the primary at the first start and follows it from then on, with the command line that it is given: it must be the
# primary's, since PostgreSQL follows nobody who allows more connections. `pg_ctl promote` makes it the primary.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # Under another name until it is whole: what was broken off is no database.
  rm -rf "$PGDATA.part"
  pg_basebackup -d "$PRIMARY" -D "$PGDATA.part" -X stream -S standby -R --checkpoint=fast
  chmod 700 "$PGDATA.part"
  mv -T "$PGDATA.part" "$PGDATA"
fi
exec "$@"
