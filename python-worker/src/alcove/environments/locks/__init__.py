"""Files that say exactly which packages, and packages as they stand in them."""
