"""The shared words of Suối: what a change, a version, a source and an error are. Imports nothing else of ours."""
