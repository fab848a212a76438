"""The benchmark: what the product costs, each figure beside a plain baseline of the same run."""
