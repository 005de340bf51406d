-- How a class fared where a clip may be of several, or of none. What stood in
-- result_parameters as "average precision of CLASS" stays there.
create table label_scores (
    result    integer not null references results (id) on delete cascade,
    pos       integer not null,
    class     text not null,
    n         integer not null,  -- clips that are of it
    ap        real not null,     -- average precision
    ap_low    real not null,
    ap_high   real not null,
    threshold real,              -- probability from which clips were said to be of it; null, as what follows, where there was none
    said      integer,           -- clips said to be of it
    correct   integer,           -- of these, clips that are
    f1        real,
    f1_low    real,
    f1_high   real,
    interval  text not null,     -- kind and level of both intervals
    primary key (result, pos),
    check ((threshold is null) = (said is null) and (said is null) = (correct is null) and (correct is null) = (f1 is null)
       and (f1 is null) = (f1_low is null) and (f1_low is null) = (f1_high is null))
) strict, without rowid;
