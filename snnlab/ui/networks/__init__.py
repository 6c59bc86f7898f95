"""The page Networks: any Keras classifier, dropped in, and seen to spike."""
