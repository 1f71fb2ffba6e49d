-- Create a database and the role that owns it, or update both. Names and password come from the
-- environment, so that no argument contains them and any character is allowed.
\getenv database DATABASE
\getenv owner OWNER
\getenv password OWNER_PASSWORD
SET log_min_error_statement = panic;
SELECT format('CREATE ROLE %I', :'owner')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', :'owner', :'password') \gexec
SELECT format('CREATE DATABASE %I', :'database')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', :'database', :'owner') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'database') \gexec
\echo database :database belongs to :owner
