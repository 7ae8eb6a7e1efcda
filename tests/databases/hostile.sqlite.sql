-- Names, types and keys that a model language does not expect.
CREATE TABLE "while" ("if" integer PRIMARY KEY, "struct" text, "int" integer NOT NULL, "unix" bool, "row" real,
    "pk" text, "class" text, "state" integer, "errno" int);
INSERT INTO "while" VALUES (1, 'a', 2, 1, 0.5, 'p', 'c', 3, 4), (2, NULL, 3, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE "we ird """" ' \ name */ /* ??/" ("a b" text, "a_b" text, "A-B" text, "1st" integer, "__x__y__" int, "é" text,
    "*/ evil" text, "q""uote" text, "back\slash" text, "%s%n" text, "" text, " " text);
INSERT INTO "we ird """" ' \ name */ /* ??/" DEFAULT VALUES;
INSERT INTO "we ird """" ' \ name */ /* ??/" ("a b", "q""uote") VALUES ('x', 'y');
-- Without a primary key: once with rowid free, once with it taken, once a key that is no number.
CREATE TABLE no_key (name text, value integer);
INSERT INTO no_key VALUES ('a', 1), ('a', 1), (NULL, NULL);
CREATE TABLE no_key_taken (rowid text, _rowid_ text, oid text);
INSERT INTO no_key_taken VALUES ('a', 'b', 'c');
CREATE TABLE text_key (id varchar(40) NOT NULL PRIMARY KEY, id_id text) WITHOUT ROWID;
INSERT INTO text_key VALUES ('one', 'x'), ('two', NULL);
CREATE TABLE id_is_no_key (id text, number integer PRIMARY KEY);
INSERT INTO id_is_no_key VALUES ('x', 1), ('x', 2);
-- References: in a circle, to itself, twice, to a text, to a unique column, to several columns, to nothing.
CREATE TABLE chicken (id integer PRIMARY KEY, egg_id integer NOT NULL REFERENCES egg(id), egg integer,
    friend integer REFERENCES chicken, enemy_id integer REFERENCES chicken(id));
CREATE TABLE egg (id integer PRIMARY KEY, chicken_id integer REFERENCES chicken(id), chicken_set text);
INSERT INTO egg VALUES (1, NULL, 's'), (2, 1, NULL);
INSERT INTO chicken VALUES (1, 1, 7, NULL, 1), (2, 1, NULL, 1, 2);
CREATE TABLE left_half (id integer PRIMARY KEY REFERENCES right_half(id));
CREATE TABLE right_half (id integer PRIMARY KEY REFERENCES left_half(id));
INSERT INTO left_half VALUES (1), (2);
INSERT INTO right_half VALUES (1), (2);
CREATE TABLE narcissus (id integer PRIMARY KEY REFERENCES narcissus(id));
INSERT INTO narcissus VALUES (5);
CREATE TABLE refers (code text UNIQUE, to_text varchar(40) REFERENCES text_key(id), to_code text REFERENCES refers(code),
    to_pair_a int, to_pair_b int, to_nothing int REFERENCES nowhere(id), to_no_column int REFERENCES egg("nothing"),
    mismatch text REFERENCES egg(id), one integer UNIQUE REFERENCES egg(id),
    FOREIGN KEY (to_pair_a, to_pair_b) REFERENCES pair(a, b));
INSERT INTO refers VALUES ('c1', 'one', NULL, 1, 2, 3, 4, 'five', 1), ('c2', 'two', 'c1', NULL, NULL, NULL, NULL, NULL, 2);
CREATE TABLE pair (a integer NOT NULL, b integer NOT NULL, c text, PRIMARY KEY (a, b), UNIQUE (b, c));
INSERT INTO pair VALUES (1, 2, 'x'), (1, 3, 'x'), (2, 2, 'y');
CREATE UNIQUE INDEX pair_partial ON pair (c) WHERE c > 'x';
CREATE UNIQUE INDEX pair_expression ON pair (lower(c), a, b);
-- Types.
CREATE TABLE types (id integer PRIMARY KEY, a VARCHAR(30), b nvarchar (20), c decimal(8, 3), d numeric, e double precision,
    f datetime, g date, h time, i blob, j json, k bigint unsigned, l tinyint, m geometry(4326), n, o clob,
    p text CHECK (JSON_VALID("p") OR p IS NULL), q float, r timestamp, s boolean, t smallint, u integer GENERATED ALWAYS AS (id * 2) STORED,
    v char, w varchar(99999999999999999999));
INSERT INTO types VALUES (1, 'a', 'b', 1.5, 2.25, 3.5, '2024-02-29 12:34:56', '2024-02-29', '12:34:56', x'00ff', '{"a": [1]}',
    18446744073709, 1, 'POINT', 'any', 'long', '[1, 2]', 1.5, '2024-02-29 12:34:56', 1, 3, 'c', 'w');
INSERT INTO types (id) VALUES (2);
-- Tables whose names become the same, or those of the library.
CREATE TABLE "a-table" (id integer PRIMARY KEY);
CREATE TABLE "a_table" (id integer PRIMARY KEY, "a-table_id" integer REFERENCES "a-table"(id));
CREATE TABLE "a table" (id integer PRIMARY KEY, "a_table" integer REFERENCES "a_table"(id));
CREATE TABLE nu_session (id integer PRIMARY KEY);
CREATE TABLE "日本" (id integer PRIMARY KEY, "名" text);
CREATE TABLE "2024" (id integer PRIMARY KEY);
CREATE TABLE tm (tm_sec integer PRIMARY KEY);
INSERT INTO "日本" VALUES (1, '前');
CREATE VIEW "a view" AS SELECT id, "if" + 1 AS more, "struct" || 'x' AS text FROM chicken JOIN "while" ON "if" = id;
