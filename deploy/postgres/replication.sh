#!/bin/sh
# Lets the standby follow, as the role that owns everything: run once, when the database is made.
set -eu
echo "host replication $POSTGRES_USER samenet scram-sha-256" >> "$PGDATA/pg_hba.conf"
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -c "SELECT pg_create_physical_replication_slot('standby')"
