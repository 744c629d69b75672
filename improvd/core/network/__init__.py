"""The vocabulary of values, the cell that steps over them, and what leans or guards its picks."""
