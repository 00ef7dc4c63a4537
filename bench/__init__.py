"""What `make bench` measures: the shop beside a bare answer, in one run, as ratios."""
