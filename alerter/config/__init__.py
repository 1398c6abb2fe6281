"""YAML to frozen settings, with positions. `load(path)` gives settings or every mistake."""
