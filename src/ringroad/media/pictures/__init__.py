"""Single pictures: decoded, encoded, moved, made smaller."""
