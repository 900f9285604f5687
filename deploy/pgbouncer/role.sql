-- The limits that an instance asks for when it connects itself, for the role that PgBouncer connects as.
ALTER ROLE floodgate IN DATABASE floodgate SET statement_timeout = '2s';
ALTER ROLE floodgate IN DATABASE floodgate SET lock_timeout = '500ms';
ALTER ROLE floodgate IN DATABASE floodgate SET idle_in_transaction_session_timeout = '5s';
