"""The page Objects: boxes by both networks, step by step, measured and scored; `views` draws it."""
