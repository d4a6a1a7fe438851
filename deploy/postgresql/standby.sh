#!/bin/bash
# db2 follows db1: a copy of it at the first start, and then what is committed there.
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA" && chmod 0700 "$PGDATA"
    until pg_basebackup -d "host=db1 user=smsc" -D "$PGDATA" --write-recovery-conf --checkpoint=fast; do
        sleep 1
    done
fi
# Commits of db2 wait for nobody, should it be promoted.
exec postgres -c cluster_name=db2 -c synchronous_standby_names=
