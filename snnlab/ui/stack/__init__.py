"""The page Stack: all sections of what is on screen, their cells linked; `views` draws it."""
