"""The commands of `suoi`, one file per group of verbs: they read arguments, call `ops`, and show what comes back."""
