"""The tour: what glassgrad does, chapter by chapter. Run ``python -m demos``, or one chapter: ``python -m demos.iris``."""
