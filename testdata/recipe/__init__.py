"""The parts of the recipe that makes testdata/. Start it with testdata/make.py."""
