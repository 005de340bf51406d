-- What people agreed, signed, decided and noted, and the gates they checked.
-- Rows are only ever added; each holds the hash of the one before, so that a
-- row changed by hand can be told.

create table journal (
    id    integer primary key,
    pilot integer not null references pilots (id),
    at    text not null,
    by    text not null check (by <> ''),
    kind  text not null,
    gate  text not null default '',
    data  text not null check (json_valid(data)),
    hash  text not null
) strict;

create index journal_by_pilot on journal (pilot, id);

create trigger journal_no_update before update on journal
begin select raise(abort, 'the journal is append-only'); end;

create trigger journal_no_delete before delete on journal
begin select raise(abort, 'the journal is append-only'); end;
