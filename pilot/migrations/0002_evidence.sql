-- Readings of test labels, in the order they were made (rowid). test names a
-- clip, what the thing its label was read for: the same words again are the
-- same look.
create table looks (
    test text not null,
    what text not null,
    at   text not null,
    primary key (test, what)
) strict;

create index looks_by_what on looks (what);

-- What earlier runs measured, they looked at.
insert into looks (test, what, at)
select distinct c.id, r.key || ' at ' || c.site, r.started
from runs r join clips c on c.run = r.id
where c.split = 'test' and c.class <> '' and exists (select 1 from results where run = r.id)
order by r.begun;

-- Which look at its test labels a result is, and how many were agreed on; 0
-- where nobody counted.
alter table results add column look integer not null default 0;
alter table results add column agreed integer not null default 0;

-- The rung of the selection ladder: given, L0 to L3; empty where not recorded.
alter table choices add column rung text not null default '';

-- The kind and level of low and high, as in metrics.
alter table class_scores add column interval text not null default 'Wilson 95 %';

-- A result beside zero-shot on the same clips. Both are named by their keys.
create table comparisons (
    run        text not null references runs (id) on delete cascade,
    pos        integer not null,
    result     text not null,
    against    text not null,
    n          integer not null,
    only_this  integer not null,  -- clips only the result had right
    only_other integer not null,  -- clips only the other had right
    draws      integer not null,  -- results of the same kind the difference is the mean of
    difference real not null,
    low        real not null,
    high       real not null,
    interval   text not null,
    p          real not null,     -- McNemar, exact
    mid_p      real not null,
    holm       real not null,     -- p for all comparisons made at the site
    draws_p    real,              -- corrected resampled t; null for one draw
    verdict    text not null check (verdict in ('better', 'worse', 'not enough evidence')),
    needed     integer not null,  -- clips that would settle it; 0 where settled, or not to be had
    primary key (run, pos)
) strict, without rowid;

-- What a learning curve promises for more labels.
create table forecasts (
    run      text not null references runs (id) on delete cascade,
    pos      integer not null,
    result   text not null,       -- key of the curve's last point
    labels   integer not null,    -- a class
    error    real not null,
    low      real not null,
    high     real not null,
    interval text not null,
    a        real not null,       -- error = a + b labels^-c
    b        real not null,
    c        real not null,
    primary key (run, pos)
) strict, without rowid;
