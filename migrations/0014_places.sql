-- What the text of a place means (listings/place.h). Listings stored before get theirs when they are pulled next.
ALTER TABLE listing ADD COLUMN city TEXT;
ALTER TABLE listing ADD COLUMN region TEXT;
