-- Some 100,000 rows, the same on every machine: every "random" number is a hash of its row. lifeboat.sample_scale multiplies them.
CREATE FUNCTION pg_temp.chance(row_number bigint, salt int) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (hashint8extended(row_number, salt) & 4503599627370495)::double precision / 4503599627370496
$$;
CREATE FUNCTION pg_temp.pick(options text[], row_number bigint, salt int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT options[1 + floor(pg_temp.chance(row_number, salt) * array_length(options, 1))::int]
$$;
-- about log-normal: many small values, a few very large ones
CREATE FUNCTION pg_temp.spread(row_number bigint, salt int, middle double precision, width double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT middle * exp(width * (pg_temp.chance(row_number, salt) + pg_temp.chance(row_number, salt + 1000) + pg_temp.chance(row_number, salt + 2000) - 1.5) * 2)
$$;
CREATE FUNCTION pg_temp.rows(base int) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT greatest(1, (base * coalesce(nullif(current_setting('lifeboat.sample_scale', true), ''), '1')::numeric)::int)
$$;

INSERT INTO companies (legal_name, jurisdiction, incorporated_on, authorized_shares, par_value, base_currency, registered_office, tags, profile, created_at)
SELECT
  pg_temp.pick('{Harbor,Juniper,Kestrel,Lumen,Meridian,Nimbus,Orchard,Pascal,Quill,Ridge,Saltmarsh,Tessera,Umbra,Vela,Willow,Zephyr}', i, 1) || ' '
    || pg_temp.pick('{Robotics,Health,Foods,Analytics,Energy,Security,Payments,Materials,Biosciences,Logistics,Climate,Studios}', i, 2) || ' ' || i || ' '
    || pg_temp.pick('{Inc.,Inc.,Inc.,Ltd,GmbH,"S.à r.l."}', i, 3),
  pg_temp.pick('{Delaware,Delaware,Delaware,"England and Wales",Germany,Luxembourg,Singapore}', i, 4),
  date '2009-01-01' + floor(pg_temp.chance(i, 5) * 5400)::int,
  (10 ^ (6 + floor(pg_temp.chance(i, 6) * 3)))::bigint * (1 + floor(pg_temp.chance(i, 7) * 9))::bigint,
  round(pg_temp.pick('{0.00001,0.0001,0.001,0.01}', i, 8)::numeric, 6),
  pg_temp.pick('{USD,USD,USD,GBP,EUR,EUR,SGD}', i, 4),
  CASE WHEN pg_temp.chance(i, 9) < 0.9 THEN ROW(
    (1 + floor(pg_temp.chance(i, 10) * 400))::int || ' ' || pg_temp.pick('{Market Street,"Königsallee","Rue de l''Eau",High Street,Pier Road}', i, 11),
    pg_temp.pick('{San Francisco,London,Düsseldorf,Luxembourg,Singapore,Boston}', i, 12), lpad(floor(pg_temp.chance(i, 13) * 99999)::text, 5, '0'),
    pg_temp.pick('{US,GB,DE,LU,SG}', i, 12))::postal_address END,
  ARRAY(SELECT t FROM unnest('{b2b,saas,hardware,deep-tech,marketplace,"ai, applied","with \"quotes\""}'::text[]) WITH ORDINALITY AS u(t, n) WHERE pg_temp.chance(i * 10 + n, 14) < 0.3),
  jsonb_build_object('employees', floor(pg_temp.spread(i, 15, 30, 1.1))::int, 'burn_monthly', round(pg_temp.spread(i, 16, 120000, 1.0)::numeric, 2),
    'site', 'https://company-' || i || '.example', 'board', jsonb_build_array('chair-' || i, 'seat-' || (i * 3) % 97), 'dormant', pg_temp.chance(i, 17) < 0.07),
  timestamptz '2015-01-01 00:00:00+00' + pg_temp.chance(i, 18) * interval '3600 days'
FROM generate_series(1, pg_temp.rows(1200)) AS i;

INSERT INTO shareholders (company_id, name, kind, email, tax_id_sha256, joined_at, notes)
SELECT
  1 + floor(pg_temp.rows(1200) * pg_temp.chance(i, 21) ^ 1.6)::bigint,
  pg_temp.pick('{Ada,Björn,Chidi,Désirée,Emeka,Fatima,Grace,Hiro,İpek,João,Katya,Liam,Mei,Noor,"O''Neil",Priya}', i, 22) || ' '
    || pg_temp.pick('{Almeida,Brown,Chen,Dvořák,Eriksen,Fischer,García,Haddad,Ivanova,Jones,Kim,López,Müller,Nguyễn,Okafor,Patel}', i, 23),
  pg_temp.pick('{founder,employee,employee,employee,employee,angel,angel,fund,trust}', i, 24),
  CASE WHEN pg_temp.chance(i, 25) < 0.85 THEN 'holder' || i || '@mail.example' END,
  CASE WHEN pg_temp.chance(i, 26) < 0.6 THEN sha256(('tax-' || i)::bytea) END,
  timestamptz '2012-03-01 09:00:00+00' + pg_temp.chance(i, 27) * interval '4500 days',
  CASE WHEN pg_temp.chance(i, 28) < 0.05 THEN E'Called twice;\nprefers\tletters. Back\\slash kept.' END
FROM generate_series(1, pg_temp.rows(18000)) AS i;

INSERT INTO funding_rounds (company_id, stage, open_during, raised, pre_money, currency, price_per_share, terms)
SELECT
  1 + (i - 1) % pg_temp.rows(1200), (enum_range(NULL::round_stage))[1 + (i - 1) / pg_temp.rows(1200)],
  daterange(date '2013-01-01' + ((i - 1) / pg_temp.rows(1200) * 700) + floor(pg_temp.chance(i, 31) * 300)::int,
    date '2013-01-01' + ((i - 1) / pg_temp.rows(1200) * 700) + 310 + floor(pg_temp.chance(i, 32) * 300)::int),
  round((pg_temp.spread(i, 33, 900000, 0.9) * 4 ^ ((i - 1) / pg_temp.rows(1200)))::numeric, 2),
  round((pg_temp.spread(i, 34, 5000000, 0.8) * 4 ^ ((i - 1) / pg_temp.rows(1200)))::numeric, 2),
  pg_temp.pick('{USD,USD,EUR,GBP}', i, 35),
  CASE WHEN pg_temp.chance(i, 36) < 0.92 THEN round(pg_temp.spread(i, 37, 1.8, 1.2)::numeric, 8) END,
  jsonb_build_object('liquidation_preference', 1 + floor(pg_temp.chance(i, 38) * 2), 'participating', pg_temp.chance(i, 39) < 0.2,
    'lead', 'fund-' || floor(pg_temp.chance(i, 40) * 220)::int, 'pro_rata', pg_temp.chance(i, 41) < 0.7, 'note', 'ünïcode – and a % sign')
FROM generate_series(1, pg_temp.rows(1200) * 4) AS i;

INSERT INTO transactions (company_id, shareholder_id, round_id, class, kind, shares, amount, happened_at, vesting, memo)
SELECT s.company_id, s.id,
  CASE WHEN pg_temp.chance(i, 51) < 0.6 THEN s.company_id + pg_temp.rows(1200) * floor(pg_temp.chance(i, 52) * 4)::int END,
  (enum_range(NULL::share_class))[1 + floor(6 * pg_temp.chance(i, 53) ^ 1.7)::int],
  pg_temp.pick('{issue,issue,issue,issue,issue,transfer,exercise,exercise,repurchase}', i, 54),
  (CASE WHEN pg_temp.chance(i, 54) >= 8.0 / 9 THEN -1 ELSE 1 END) * greatest(1, pg_temp.spread(i, 55, 5000, 1.6)::bigint),
  CASE WHEN pg_temp.chance(i, 56) < 0.93 THEN round(pg_temp.spread(i, 57, 12000, 1.9)::numeric, 4) END,
  timestamptz '2013-01-02 08:00:00+00' + pg_temp.chance(i, 58) ^ 0.7 * interval '4300 days',
  CASE WHEN pg_temp.chance(i, 59) < 0.2 THEN ARRAY[12, 12, 12, 12] END,
  CASE WHEN pg_temp.chance(i, 60) < 0.3 THEN 'Resolution ' || floor(pg_temp.chance(i, 61) * 9000)::int || ' of the board, signed in counterpart.' END
FROM (SELECT i, 1 + floor(pg_temp.rows(18000) * pg_temp.chance(i, 50))::bigint AS holder FROM generate_series(1, pg_temp.rows(80000)) AS i) AS n
JOIN shareholders s ON s.id = n.holder
ORDER BY i;

INSERT INTO "Board Minutes (2019–2024)"
SELECT i, 1 + (i * 37) % pg_temp.rows(1200), 'Item ' || i || E': the "reserve" is kept\nunchanged \\ until further notice.', pg_temp.chance(i, 71) < 0.6
FROM generate_series(1, pg_temp.rows(400)) AS i;

UPDATE companies SET term_sheet = lo_from_bytea(0, convert_to(repeat('Term sheet of ' || legal_name || E'.\n', 200 + (id * 53 % 900)::int), 'UTF8')) WHERE id <= 24;

-- Postgres had to be told; a restored database would be analysed the same way.
ANALYZE;
