-- Why a take was rejected, in a word. Only what is rejected has one.
ALTER TABLE assets ADD COLUMN reason TEXT;
