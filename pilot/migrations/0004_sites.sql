-- What is said of a site whose clips have no labels: how it differs from where
-- the labels come from, and of every classifier what share of its answers is
-- expected to be right, and those answers. Never a score, which needs labels.
create table site_findings (
    id         integer primary key,
    run        text not null references runs (id) on delete cascade,
    key        text not null check (key <> ''),
    site       text not null,
    classifier text not null,
    verdict    text not null,
    clips      integer not null,
    recordings integer not null,
    suggested  text not null,
    to_confirm integer not null,
    numbers    text not null check (json_valid(numbers)),
    recorded   text not null,
    unique (run, key)
) strict;

create table site_words (
    finding  integer not null references site_findings (id) on delete cascade,
    language text not null,
    pos      integer not null,
    sentence text not null,
    primary key (finding, language, pos)
) strict, without rowid;

create table expectations (
    id         integer primary key,
    run        text not null references runs (id) on delete cascade,
    key        text not null check (key <> ''),
    method     text not null,
    label      text not null,
    prompts    text not null,
    train_site text not null,
    site       text not null,
    low        real,              -- null together where nothing can be expected
    high       real,
    recorded   text not null,
    unique (run, key),
    check ((low is null) = (high is null))
) strict;

create table answers (
    expectation integer not null references expectations (id) on delete cascade,
    pos         integer not null,
    clip        text not null,
    class       text not null,
    p           real not null,
    possible    text check (json_valid(possible)), -- classes that can't be ruled out; null where nothing was
    primary key (expectation, pos)
) strict, without rowid;
