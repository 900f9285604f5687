#!/bin/sh
# Copies the primary at the first start and follows it from then on. `pg_ctl promote` makes it the primary.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  pg_basebackup -h postgres -U floodgate -D "$PGDATA" -X stream -S standby -R --checkpoint=fast
  chmod 700 "$PGDATA"
fi
exec postgres -D "$PGDATA" -c hot_standby=on
