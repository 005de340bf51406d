-- Classes a mistaken clip was taken for next, [{"class": …, "p": …}], the
-- likeliest first; null where nobody asked.
alter table predictions add column next text check (json_valid(next));
