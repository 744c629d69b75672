"""Realising: which pitches a line takes whose values say only its rhythm and its contour."""
