"""The page Sweep: many settings at once, heat map and Pareto front."""
