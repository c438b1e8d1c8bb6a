"""The warehouse as a whole: files in, a published version out, compared, damaged, killed and searched."""
