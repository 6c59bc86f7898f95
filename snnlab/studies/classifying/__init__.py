"""Classifiers in spikes, tested image by image: `measuring` runs them, `storing` keeps that."""
