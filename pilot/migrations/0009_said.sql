-- Reasons and messages as sentences, to be worded in the language of a reader:
-- JSON of a format and its values. Empty where there is only the English beside.
alter table choices add column said text not null default '';
alter table failures add column said text not null default '';
alter table failures add column fix text not null default '';
