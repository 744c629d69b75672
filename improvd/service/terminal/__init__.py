"""What a person sees in the terminal that improvd was started in."""
