"""Reads a script's progress and metrics from what it prints: bytes → drawn lines → recognised formats → fields.

`watch` is what the supervisor uses, `reader` follows output.log, `lines` finds the lines worth looking at,
`recognition` says what they tell and knows where the script is; most other modules read one kind of line. A wrong
guess is worse than none: what is in doubt yields nothing.
"""
