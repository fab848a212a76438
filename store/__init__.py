"""What we remember: the tables, one file per noun, and the questions asked of them."""
