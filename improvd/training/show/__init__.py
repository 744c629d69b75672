"""What people are shown: progress, pictures, written music, the report."""
