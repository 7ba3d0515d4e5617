"""One person, once: the engine that keeps a live partition of rows into persons. Pure; knows no broker and no disk."""
