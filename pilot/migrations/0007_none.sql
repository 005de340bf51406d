-- Whether a clip nobody has labelled is likely none of the classes; null where
-- the classifier can't tell.
alter table answers add column none integer check (none in (0, 1));
