-- Where a clip may be of several classes, log odds of each class, in the order
-- of classes: float32, little-endian. Truth and predicted then hold the names
-- of several classes, joined by |, or (none); predicted is empty where nothing
-- could be said. Null where a clip is of one class.
alter table predictions add column scores blob;

-- What is compared: top1, or map where a clip may be of several classes.
alter table comparisons add column metric text not null default 'top1';
