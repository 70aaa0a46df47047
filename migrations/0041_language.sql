-- The language that a listing is written in, as BCP 47 has it: told by the partner, or found out when it was stored. Of
-- what was stored before it is found out when the listing changes; searches do without.
ALTER TABLE listing ADD COLUMN language TEXT;
